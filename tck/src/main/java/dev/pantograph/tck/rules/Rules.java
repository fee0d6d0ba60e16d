package dev.pantograph.tck.rules;

import dev.pantograph.spi.Kernel;
import dev.pantograph.tck.kernels.Conditions;
import dev.pantograph.tck.kernels.Conditions.Content;
import dev.pantograph.tck.kernels.Instance;
import dev.pantograph.tck.kernels.Sizes;
import java.util.List;

/** The rules of the kit by number. A number once given stays with its rule. */
public final class Rules {
  private Rules() {}

  public static List<Rule> all() {
    return List.of(
        new AgreesWithOracle(1, "Results agree with the oracle", Sizes.ORDINARY, 8),
        new AgreesWithOracle(2, "Dimensions may be empty", Sizes.EMPTY, 8,
            List.of(Conditions.PLAIN.withResults(Content.NUMBERS)), _ -> true),
        new AgreesWithOracle(3, "Dimensions may have size 1", Sizes.ONE, 8),
        new AgreesWithOracle(4, "Dimensions may be prime", Sizes.PRIME, 8),
        new AgreesWithOracle(5, "Dimensions may exceed every tile", Sizes.LARGE, 4),
        new FarOperands(6, "Operands may lie beyond 2³¹ elements", 2),
        new AgreesWithOracle(7, "Operands may lie in every layout the contract allows", Sizes.ORDINARY, 12,
            List.of(Conditions.PLAIN.withStrides()), Rules::hasGaps),
        new TypesAsDeclared(8, "Types are refused exactly where a limitation says so", 4),
        new SpecialValues(9, "NaN, infinities, −0 and denormals end where they do on the oracle", 4),
        new AgreesWithOracle(10, "Results may replace operands where the contract allows it", Sizes.ORDINARY, 12,
            List.of(Conditions.PLAIN.withInPlace(true), Conditions.PLAIN.withInPlace(true).withStrides()),
            Instance::replacesOperand),
        new RefusesOverlap(11, "Results that overlap operands are refused", 3),
        new WritesResultsOnly(12, "Nothing but the results is written", 6),
        new AgreesWithOracle(13, "What written memory held before does not matter", Sizes.ORDINARY, 4,
            List.of(Conditions.PLAIN.withResults(Content.NAN), Conditions.PLAIN.withResults(Content.GARBAGE)),
            Rules::writes),
        new GradientsAreDerivatives(14, "Every gradient is the derivative of its forward kernel", 8),
        new AgreesWithOracle(15, "What is accumulated is added to what was there", Sizes.ORDINARY, 8,
            List.of(Conditions.PLAIN.withAccumulators(Content.NUMBERS).withResults(Content.NUMBERS)),
            Instance::accumulates),
        new RepeatsExactly(16, "Repeats have the same bits", 2, List.of(2, 2), 2),
        new RepeatsExactly(17, "Any number of threads has the same bits", 3, List.of(1, 2, 3, 5), 1),
        new HasNoHistory(18, "What ran before does not show", 3),
        new NamesClosedBuffers(19, "An operand whose buffer is closed is named", 2),
        new NamesBadTokens(20, "A token outside the vocabulary is named", 4),
        new BackendsSideBySide(21, "Several backends can work at once", 2),
        new KeepsMemoryBalanced(22, "Memory is given back"),
        new RefusesAfterClose(23, "Closed buffers and backends refuse by name"),
        new ClosesWithWorkPending(24, "Closing does not wait for results"),
        new ProbesQuietly(25, "The probe answers in time and leaves nothing behind"),
        new RefusesUnknownSettings(26, "Unknown settings are refused"),
        new TransfersBytes(27, "Bytes come back as they were sent"),
        new RefusesForeignBuffers(28, "Another backend's buffer is refused"),
        new ReadsBackInOrder(29, "A read-back has what was there when it was asked for"),
        new UpdatesByFiniteGradients(30, "A gradient that is no number updates nothing", 6));
  }

  private static boolean hasGaps(Instance instance) {
    return instance.kernel().operands().stream().anyMatch(operand -> !operand.view().isContiguous());
  }

  private static boolean writes(Instance instance) {
    return instance.written().stream().anyMatch(operand -> operand.access() == Kernel.Access.WRITE);
  }
}
