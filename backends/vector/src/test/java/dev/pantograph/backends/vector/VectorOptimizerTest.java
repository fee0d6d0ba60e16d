package dev.pantograph.backends.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.DType;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.View;
import java.util.List;
import org.junit.jupiter.api.Test;

class VectorOptimizerTest {

  @Test
  void theNormOfNoTensorsIsZero() {
    try (Tensors tensors = new Tensors(7); WorkerPool pool = new WorkerPool(2)) {
      View out = tensors.empty(DType.F64);
      Tensors.set(out, 0, Double.NaN);

      new VectorOptimizer(pool).run(new SquaredNorm(out, List.of()));

      assertThat(Tensors.values(out)).containsExactly(0);
    }
  }
}
