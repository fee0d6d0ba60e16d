package dev.pantograph.jmh;

import static java.lang.foreign.ValueLayout.ADDRESS;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import dev.pantograph.backends.foreign.SharedLibrary;
import dev.pantograph.spi.HostBuffer;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;

/** libtorch as DJL brings it. */
final class LibTorch {
  /** {@code Tensor& at::_ops::mm_out::call(const Tensor& a, const Tensor& b, Tensor& out)}. */
  private static final String MM_OUT = "_ZN2at4_ops6mm_out4callERKNS_6TensorES4_RS2_";

  private final Engine engine;

  private LibTorch(Engine engine) {
    this.engine = engine;
  }

  /** Loads the library from DJL's jars. Nothing is downloaded, and DJL is kept from reporting its use. */
  static LibTorch open(NativeLibraries natives) throws PeerAbsentException {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("DJL_CACHE_DIR", natives.folder().resolve("djl").toAbsolutePath().toString());
    System.setProperty("ENGINE_CACHE_DIR", natives.folder().resolve("djl").toAbsolutePath().toString());
    try {
      return new LibTorch(Engine.getEngine("PyTorch"));
    } catch (EngineException | UnsatisfiedLinkError | NoClassDefFoundError e) {
      throw new PeerAbsentException("libtorch cannot be loaded through DJL: " + e.getMessage(), e);
    }
  }

  String version() {
    return "libtorch " + engine.getVersion() + " by DJL";
  }

  GradientCollector newGradientCollector() {
    return engine.newGradientCollector();
  }

  NDManager newManager() {
    return engine.newBaseManager();
  }

  /** Sets the threads of one operation, in effect for operations of the calling thread. */
  void setThreads(int threads) {
    if (JniUtils.getNumThreads() != threads) {
      JniUtils.setNumThreads(threads);
    }
  }

  /** A float32 tensor with the values of a buffer. */
  static NDArray tensor(NDManager manager, HostBuffer values, long... shape) {
    ByteBuffer bytes = values.segment().asByteBuffer().order(ByteOrder.nativeOrder());
    return manager.create(bytes, new Shape(shape), DataType.FLOAT32);
  }

  /**
   * Its matrix product. {@code at::mm_out} is called on the tensors that DJL's handles point to, by the name of the C++
   * function behind it: DJL's own {@code matMul} allocates each result anew, which nobody else here has to.
   */
  MatMulPeer products() throws PeerAbsentException {
    MemorySegment function = SymbolLookup.loaderLookup().find(MM_OUT).orElseThrow(
        () -> new PeerAbsentException("libtorch was loaded but exports no " + MM_OUT));
    return new Products(
        SharedLibrary.downcall(FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, ADDRESS)).bindTo(function));
  }

  private final class Products implements MatMulPeer {
    private final MethodHandle multiply;

    Products(MethodHandle multiply) {
      this.multiply = multiply;
    }

    @Override
    public String name() {
      return "libtorch";
    }

    @Override
    public String details() {
      return "%s, at::mm_out".formatted(version());
    }

    @Override
    public Prepared prepare(MatMulOperands operands) {
      setThreads(operands.product().threads());
      return new TensorProduct(operands, multiply, newManager());
    }

    @Override
    public void close() {
      // The engine stays loaded until the process ends.
    }
  }

  private static final class TensorProduct implements MatMulPeer.Prepared {
    private final MatMulOperands operands;
    private final MethodHandle multiply;
    private final NDManager manager;
    private final NDArray result;
    private final MemorySegment a;
    private final MemorySegment b;
    private final MemorySegment c;

    TensorProduct(MatMulOperands operands, MethodHandle multiply, NDManager manager) {
      this.operands = operands;
      this.multiply = multiply;
      this.manager = manager;
      MatMulCase p = operands.product();
      this.a = address(stored(manager, operands.a(), p.m(), p.k(), p.transposeA()));
      this.b = address(stored(manager, operands.b(), p.k(), p.n(), p.transposeB()));
      this.result = manager.zeros(new Shape(p.m(), p.n()), DataType.FLOAT32);
      this.c = address(result);
    }

    private static NDArray stored(NDManager manager, HostBuffer buffer, int rows, int columns, boolean transposed) {
      return transposed ? tensor(manager, buffer, columns, rows).transpose() : tensor(manager, buffer, rows, columns);
    }

    /** DJL's handle is the address of an {@code at::Tensor}, which a C++ reference is too. */
    private static MemorySegment address(NDArray array) {
      if (array instanceof PtNDArray tensor) {
        return MemorySegment.ofAddress(tensor.getHandle());
      }
      throw new IllegalStateException(String.format(Locale.ROOT, "%s is no tensor of libtorch", array.getClass()));
    }

    @Override
    public void multiply() {
      try {
        MemorySegment out = (MemorySegment) multiply.invokeExact(a, b, c);
        assert out.address() == c.address();
      } catch (Throwable e) {
        throw new IllegalStateException("libtorch: " + operands.product().subject(), e);
      }
    }

    @Override
    public void storeResult() {
      operands.c().segment().copyFrom(MemorySegment.ofBuffer(result.toByteBuffer()));
    }

    @Override
    public void close() {
      manager.close();
    }
  }
}
