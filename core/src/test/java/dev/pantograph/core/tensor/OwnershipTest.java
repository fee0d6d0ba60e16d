package dev.pantograph.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantograph.core.testing.CountingBackend;
import dev.pantograph.core.testing.TestBackends;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Shape;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Who owns memory, how long, and what happens to those who use it longer. */
class OwnershipTest {
  private static final Shape SHAPE = Shape.of(3, 5);

  @AutoClose private final CountingBackend backend = new CountingBackend(TestBackends.reference());

  @Test
  void aTensorOfAClosedStorageIsRefusedByName() {
    Storage storage = new Storage(backend);
    Tensor tensor = storage.allocate("weights", DType.F64, SHAPE);
    storage.close();

    assertThatThrownBy(tensor::toDoubles).isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("'weights'", "closed");
    assertThatThrownBy(() -> backend.submit(new Fill(tensor.view(), 1))).isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("'weights'", "closed");
  }

  @Test
  void aTensorOfAClosedWorkspaceIsRefusedByItsFirstUse() {
    Workspace workspace = new Workspace(backend);
    Tensor tensor = workspace.allocate("hidden", DType.F64, SHAPE);
    workspace.close();

    assertThatThrownBy(tensor::toDoubles).isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("hidden", "closed");
  }

  @Test
  void givingATensorBackTwiceIsRefused() {
    try (Workspace workspace = new Workspace(backend)) {
      Tensor tensor = workspace.allocate("hidden", DType.F64, SHAPE);
      workspace.recycle(tensor);

      assertThatThrownBy(() -> workspace.recycle(tensor)).isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("'hidden'", "given back already");
    }
  }

  @Test
  void givingBackWhatBelongsElsewhereIsRefused() {
    try (Workspace workspace = new Workspace(backend); Storage storage = new Storage(backend)) {
      Tensor tensor = storage.allocate("weights", DType.F64, SHAPE);

      assertThatThrownBy(() -> workspace.recycle(tensor)).isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("'weights'", "does not belong");
    }
  }

  @Test
  void tensorsInUseAtTheSameTimeDoNotShareMemory() {
    try (Workspace workspace = new Workspace(backend)) {
      Tensor first = workspace.allocate("first", DType.F64, SHAPE);
      Tensor second = workspace.allocate("second", DType.F64, SHAPE);
      workspace.recycle(first);
      Tensor third = workspace.allocate("third", DType.F64, SHAPE);

      assertThat(third.view().buffer()).isSameAs(first.view().buffer()).isNotSameAs(second.view().buffer());
      assertThat(backend.allocations()).isEqualTo(2);
    }
  }

  @Test
  void aStepLikeTheOneBeforeTakesNoMemory() {
    try (Workspace workspace = new Workspace(backend)) {
      workspace.allocate("a", DType.F64, SHAPE);
      workspace.allocate("b", DType.F32, Shape.of(1000));
      long bytes = workspace.bytes();
      workspace.reset();

      workspace.allocate("b", DType.F32, Shape.of(1000));
      workspace.allocate("a", DType.F64, SHAPE);

      assertThat(workspace.bytes()).isEqualTo(bytes);
      assertThat(backend.allocations()).isEqualTo(2);
    }
  }

  @Test
  void aRecycledTensorIsNotHandedOutTwiceAfterAReset() {
    try (Workspace workspace = new Workspace(backend)) {
      workspace.recycle(workspace.allocate("a", DType.F64, SHAPE));
      workspace.reset();

      Tensor first = workspace.allocate("a", DType.F64, SHAPE);
      Tensor second = workspace.allocate("b", DType.F64, SHAPE);

      assertThat(first.view().buffer()).isNotSameAs(second.view().buffer());
    }
  }

  @Test
  void anEmptyTensorCanBeHad() {
    try (Workspace workspace = new Workspace(backend)) {
      assertThat(workspace.allocate("nothing", DType.F64, Shape.of(0, 3)).toDoubles()).isEmpty();
    }
  }
}
