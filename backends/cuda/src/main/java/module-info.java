import org.jspecify.annotations.NullMarked;

/** NVIDIA GPUs: the driver, cuBLASLt, cuDNN and NVRTC, called through the Foreign Function and Memory API. */
@NullMarked
module dev.pantograph.backends.cuda {
  requires dev.pantograph.backends.foreign;
  requires dev.pantograph.spi;
  requires static org.jspecify;

  provides dev.pantograph.spi.BackendProvider with
      dev.pantograph.backends.cuda.CudaBackendProvider;

  exports dev.pantograph.backends.cuda;
}
