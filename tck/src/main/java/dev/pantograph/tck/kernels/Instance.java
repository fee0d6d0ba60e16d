package dev.pantograph.tck.kernels;

import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.View;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A {@link Sample} made on one backend: a kernel, its operands and what they hold. */
public final class Instance implements AutoCloseable {
  private final Sample sample;
  private final Backend backend;
  private final Operands operands;
  private final Kernel kernel;

  private Instance(Sample sample, Backend backend, Operands operands) {
    this.sample = sample;
    this.backend = backend;
    this.operands = operands;
    try {
      this.kernel = sample.kernel().apply(operands);
    } catch (RuntimeException e) {
      operands.close();
      throw e;
    }
  }

  /** The instance whose results are the expected ones. */
  public static Instance onOracle(Sample sample, Backend oracle, DType type, long seed, Conditions conditions) {
    return new Instance(sample, oracle, Operands.ofOracle(oracle, type, seed, conditions));
  }

  /** The instance of this oracle's on a backend under test, perhaps under other conditions. */
  public Instance on(Backend tested, Conditions conditions) {
    return new Instance(sample, tested, operands.on(tested, conditions));
  }

  public Accuracy accuracy() {
    return sample.accuracy();
  }

  public Kernel kernel() {
    return kernel;
  }

  public void submit() {
    backend.submit(kernel);
  }

  /** The operands that are written, in the kernel's order. */
  public List<Kernel.Operand> written() {
    return kernel.operands().stream().filter(operand -> operand.access() != Kernel.Access.READ).toList();
  }

  /** The elements of an operand in row-major order. */
  public double[] values(View view) {
    return operands.valuesOf(view);
  }

  /** All bytes of all buffers: results, operands, guards and gaps. */
  public Map<Buffer, byte[]> memory() {
    Map<Buffer, byte[]> memory = new LinkedHashMap<>();
    operands.buffers().forEach(buffer -> memory.put(buffer, operands.bytes(buffer)));
    return memory;
  }

  /** The bits of all results. */
  public List<double[]> results() {
    List<double[]> results = new ArrayList<>();
    written().forEach(operand -> results.add(values(operand.view())));
    return results;
  }

  /** Number of floating-point inputs. */
  public int inputs() {
    return operands.inputs();
  }

  /** Whether a result lies where an operand does. */
  public boolean replacesOperand() {
    return operands.replacesOperand();
  }

  /** Whether a result is added to what was there. */
  public boolean accumulates() {
    return operands.accumulates();
  }

  /** What the kernel is the gradient of, on the oracle. */
  public @Nullable Forward forward() {
    return operands.forward();
  }

  /** The name under which a sample made the operand that lies in this buffer. */
  public String nameOf(Buffer buffer) {
    return operands.nameOf(buffer);
  }

  /** Sets one element. */
  public void set(View view, int element, double value) {
    operands.set(view, element, value);
  }

  /** Closes the buffer of one operand before its time. */
  public void closeBuffer(Buffer buffer) {
    operands.closed(buffer);
    buffer.close();
  }

  @Override
  public void close() {
    operands.close();
  }
}
