package dev.pantograph.backends.cuda.cudnn;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.pantograph.backends.cuda.binding.BoundLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Operations fused and compiled for one kind of device. For one thread at a time. */
public final class CudnnPlan implements AutoCloseable {
  /** A number that the operations use, and by what the library knows it. */
  record Scalar(long id, float value) {}

  /** What a plan knows its tensors and numbers by. */
  record Interface(List<Long> stored, List<Scalar> scalars) {
    Interface {
      stored = List.copyOf(stored);
      scalars = List.copyOf(scalars);
    }
  }

  private final BoundLibrary<CudnnFunction> library;
  private final Descriptor plan;
  private final List<Descriptor> basis;
  private final Interface face;
  private final Arena arena = Arena.ofShared();
  private final long[] ids;
  private final long[] pointers;

  /** @param basis what the plan was made of, which lives as long as the plan */
  CudnnPlan(BoundLibrary<CudnnFunction> library, Descriptor plan, List<Descriptor> basis, Interface face) {
    this.library = library;
    this.plan = plan;
    this.basis = List.copyOf(basis);
    this.face = face;
    int stored = face.stored().size();
    this.ids = new long[stored + face.scalars().size()];
    this.pointers = new long[ids.length];
    for (int i = 0; i < stored; i++) {
      ids[i] = face.stored().get(i);
    }
    for (int i = stored; i < ids.length; i++) {
      Scalar scalar = face.scalars().get(i - stored);
      ids[i] = scalar.id();
      MemorySegment value = arena.allocateFrom(JAVA_FLOAT, scalar.value());
      pointers[i] = value.address();
    }
  }

  /** Memory of the device that it needs beside its tensors. */
  public long workspaceBytes() {
    return plan.getLong(Attribute.EXECUTION_PLAN_WORKSPACE_SIZE);
  }

  /** The plan as text, for {@link Cudnn}'s of the same version. */
  public String serialized() {
    return plan.getText(Attribute.EXECUTION_PLAN_JSON_REPRESENTATION);
  }

  /**
   * The plan with what it works on, to be run any number of times.
   *
   * @param workspace address of {@link #workspaceBytes} bytes that no other stream uses
   * @param tensors addresses of the tensors that lie in memory, in order
   */
  BoundPlan bind(long workspace, long... tensors) {
    if (tensors.length != face.stored().size()) {
      throw new IllegalArgumentException("%d addresses (expected: %d)".formatted(
          tensors.length, face.stored().size()));
    }
    long[] addresses = pointers.clone();
    System.arraycopy(tensors, 0, addresses, 0, tensors.length);
    Descriptor pack = new Descriptor(library, DescriptorType.VARIANT_PACK)
        .set(Attribute.VARIANT_PACK_UNIQUE_IDS, ids)
        .set(Attribute.VARIANT_PACK_DATA_POINTERS, AttributeType.VOID_PTR, addresses)
        .set(Attribute.VARIANT_PACK_WORKSPACE, AttributeType.VOID_PTR, workspace)
        .finish();
    return new BoundPlan(library, plan.handle(), pack);
  }

  @Override
  public void close() {
    plan.close();
    Descriptor.closeAll(basis);
    arena.close();
  }
}
