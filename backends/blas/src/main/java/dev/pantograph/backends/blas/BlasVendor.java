package dev.pantograph.backends.blas;

/** Whose library it is, told by what only that one exports. */
public enum BlasVendor {
  OPENBLAS("OpenBLAS", "openblas_set_num_threads"),
  MKL("oneMKL", "MKL_Set_Num_Threads"),
  BLIS("BLIS", "bli_thread_set_num_threads"),
  ACCELERATE("Accelerate", "BLASSetThreading"),
  ARM_PL("Arm Performance Libraries", "armpl_set_num_threads"),
  NVPL("NVPL BLAS", "nvpl_blas_set_num_threads"),
  FLEXIBLAS("FlexiBLAS", "flexiblas_set_num_threads"),
  /** Known by {@code cblas_sgemm} alone, such as Netlib's; how many threads it uses is its own affair. */
  OTHER("CBLAS", "");

  private final String label;
  private final String setThreads;

  BlasVendor(String label, String setThreads) {
    this.label = label;
    this.setThreads = setThreads;
  }

  /** What people call it. */
  public String label() {
    return label;
  }

  /** The function that sets its number of threads; empty if there is none. */
  String setThreads() {
    return setThreads;
  }
}
