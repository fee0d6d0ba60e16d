package dev.pantograph.lab.replay;

import java.util.Map;

/** The recording project's parameter names for ours. Linear weights are {@code [out, in]} on both sides. */
final class RecordedNames {
  private static final Map<String, String> OUTSIDE = Map.of(
      "tokens", "transformer.wte.weight",
      "positions", "transformer.wpe.weight",
      "norm.gain", "transformer.ln_f.weight",
      "norm.bias", "transformer.ln_f.bias");

  private static final Map<String, String> INSIDE = Map.of(
      "attention.norm", "ln_1",
      "attention.qkv", "attn.c_attn",
      "attention.out", "attn.c_proj",
      "feedForward.norm", "ln_2",
      "feedForward.up", "mlp.c_fc",
      "feedForward.down", "mlp.c_proj");

  private RecordedNames() {}

  /** {@code blocks.0.attention.qkv.weight} → {@code transformer.h.0.attn.c_attn.weight}. */
  static String of(String parameter) {
    String outside = OUTSIDE.get(parameter);
    if (outside != null) {
      return outside;
    }
    String[] block = parameter.split("\\.", 3);
    int kind = block[2].lastIndexOf('.');
    String module = INSIDE.get(block[2].substring(0, kind));
    String tensor = block[2].substring(kind + 1);
    if (module == null) {
      throw new ReplayException("the recording format has no name for parameter '%s'".formatted(parameter));
    }
    return "transformer.h.%s.%s.%s".formatted(block[1], module, tensor.equals("gain") ? "weight" : tensor);
  }
}
