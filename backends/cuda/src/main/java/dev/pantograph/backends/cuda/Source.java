package dev.pantograph.backends.cuda;

import dev.pantograph.spi.DType;
import java.util.ArrayList;
import java.util.List;

/** A source of kernels, and the names under which it takes the element types of its operands. */
enum Source {
  FILL("elementwise", "OUT"),
  ELEMENTWISE("elementwise", "OUT", "X", "Y"),
  COPY("copy", "OUT", "X"),
  SUM("sum", "X"),
  SQUARED_NORM("squared_norm", "X"),
  ADAMW("adamw", "V"),
  RANDOMIZE("randomize", "OUT"),
  GELU("gelu", "OUT", "X"),
  GELU_GRADIENT("gelu", "DX", "D_OUT", "X"),
  SWIGLU("swiglu", "OUT", "GATE", "UP"),
  SWIGLU_GRADIENT("swiglu", "D_GATE", "D_UP", "D_OUT", "GATE", "UP"),
  NORM("norm", "OUT", "X"),
  NORM_GRADIENT("norm", "DX", "D_OUT", "X"),
  TOKENS("embedding"),
  EMBEDDING("embedding", "OUT", "TABLE", "POSITIONS"),
  EMBEDDING_GRADIENT("embedding_gradient", "D_OUT"),
  CROSS_ENTROPY("cross_entropy", "LOGITS", "D_LOGITS"),
  ATTENTION("attention", "OUT", "Q", "K", "V"),
  ATTENTION_GRADIENT("attention_gradient", "DQ", "DK", "DV", "D_OUT", "OUT", "Q", "K", "V"),
  MATMUL("matmul", "OUT", "A", "B", "C", "PRE_ACTIVATION"),
  SPARSE("sparse_matmul", "V");

  private final String file;
  private final List<String> types;

  Source(String file, String... types) {
    this.file = file;
    this.types = List.of(types);
  }

  /** Its file, without folder. */
  String file() {
    return file + ".cu";
  }

  /** How many operands have an element type that is given. */
  int operands() {
    return types.size();
  }

  /** The compiler's options for these element types, in the order of the names. */
  List<String> options(List<DType> of) {
    List<String> options = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      options.add("-D" + types.get(i) + "=" + cType(of.get(i)));
    }
    if (this == RANDOMIZE) {
      // Multiplication and addition round twice on the CPU, whose bits these must be.
      options.add("--fmad=false");
    }
    return options;
  }

  private static String cType(DType type) {
    return switch (type) {
      case F32 -> "float";
      case F64 -> "double";
      case BF16 -> "bf16";
      case I32 -> "int";
    };
  }
}
