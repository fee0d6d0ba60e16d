package dev.pantograph.backends.cuda;

import dev.pantograph.backends.cuda.driver.Events;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.Ceilings;
import dev.pantograph.spi.Copy;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;

/**
 * What a device reaches: the rate of a square product in bfloat16 and of a copy, both doubled in size until they take
 * long enough to be timed. On random numbers: devices are faster on zeros.
 */
final class DeviceCeilings implements AutoCloseable {
  private static final long LEAST_SIDE = 256;
  private static final long MOST_SIDE = 8192;
  private static final long LEAST_BYTES = 1L << 20;
  private static final long MOST_BYTES = 1L << 30;
  private static final double ENOUGH_SECONDS = 1e-3;
  private static final int REPEATS = 10;
  private static final double MILLI = 1e-3;

  private final Events events;
  private final long stream;
  private final Backend backend;
  private final long start;
  private final long end;

  DeviceCeilings(Events events, long stream, Backend backend) {
    this.events = events;
    this.stream = stream;
    this.backend = backend;
    this.start = events.createTimed();
    this.end = events.createTimed();
  }

  Ceilings measure() {
    return new Ceilings(productRate(), copyRate());
  }

  private double productRate() {
    double rate = 0;
    boolean enough = false;
    for (long side = LEAST_SIDE; side <= MOST_SIDE && !enough; side *= 2) {
      Shape shape = Shape.of(side, side);
      try (Buffer a = random(shape); Buffer b = random(shape); Buffer out = empty(shape)) {
        MatMul product = MatMul.product(view(out, shape), view(a, shape), view(b, shape));
        double seconds = seconds(product);
        rate = product.flops() / seconds;
        enough = seconds >= ENOUGH_SECONDS;
      }
    }
    return rate;
  }

  private double copyRate() {
    double rate = 0;
    boolean enough = false;
    for (long bytes = LEAST_BYTES; bytes <= MOST_BYTES && !enough; bytes *= 2) {
      Shape shape = Shape.of(bytes / DType.BF16.bytes());
      try (Buffer from = random(shape); Buffer to = empty(shape)) {
        Copy copy = new Copy(view(to, shape), view(from, shape));
        double seconds = seconds(copy);
        rate = copy.bytes() / seconds;
        enough = seconds >= ENOUGH_SECONDS;
      }
    }
    return rate;
  }

  private Buffer empty(Shape shape) {
    return backend.allocate("measurement", shape.elements() * DType.BF16.bytes());
  }

  private Buffer random(Shape shape) {
    Buffer rounded = empty(shape);
    try (Buffer exact = backend.allocate("measurement", shape.elements() * DType.F32.bytes())) {
      View numbers = View.of(exact, DType.F32, 0, shape);
      backend.submit(new Randomize(numbers, new Randomize.Distribution.Normal(0, 1), 1, shape.elements()));
      backend.submit(new LinearCombination(view(rounded, shape), 1, numbers, 0, null));
    }
    return rounded;
  }

  private static View view(Buffer buffer, Shape shape) {
    return View.of(buffer, DType.BF16, 0, shape);
  }

  /** Of one run, among several after a first. */
  private double seconds(Kernel kernel) {
    backend.submit(kernel);
    events.record(start, stream);
    for (int i = 0; i < REPEATS; i++) {
      backend.submit(kernel);
    }
    events.record(end, stream);
    events.synchronize(end);
    return events.milliseconds(start, end) * MILLI / REPEATS;
  }

  @Override
  public void close() {
    events.destroy(start);
    events.destroy(end);
  }
}
