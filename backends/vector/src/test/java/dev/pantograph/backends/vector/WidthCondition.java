package dev.pantograph.backends.vector;

import static org.junit.jupiter.api.extension.ConditionEvaluationResult.disabled;
import static org.junit.jupiter.api.extension.ConditionEvaluationResult.enabled;

import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The build runs the tests once as the processor prefers and once with each width forced. Skips the runs this processor
 * cannot do, and the one that would repeat the first.
 */
public final class WidthCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    String bits = System.getProperty(VectorWidth.PROPERTY);
    int widest = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    if (Integer.toString(widest).equals(bits)) {
      return disabled("%s bits are the processor's own width, tested without forcing it".formatted(bits));
    }
    Optional<String> refusal = VectorWidth.refusal(bits, widest);
    return refusal.isPresent() ? disabled(refusal.get()) : enabled("vectors of this width can be had");
  }
}
