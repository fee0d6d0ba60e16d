package dev.pantograph.lab.replay;

import dev.pantograph.core.checkpoint.SafetensorsSource;
import dev.pantograph.core.checkpoint.SafetensorsType;
import dev.pantograph.core.checkpoint.SafetensorsWriter;
import dev.pantograph.spi.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.json.JsonMapper;

/**
 * A tiny run "recorded" by a second implementation, in plain double arithmetic and with gradients by central
 * differences: written from the recordings' description alone, it shares no code with what it judges.
 */
final class RecordedRun {
  static final int WIDTH = 8;
  static final int HEADS = 2;
  static final int LAYERS = 2;
  static final int CONTEXT = 4;
  static final int VOCABULARY = 7;
  static final int BATCH = 2;

  /** The keys of golden.json's {@code config} and {@code train}; tests change them before they write. */
  final Map<String, Object> config = new LinkedHashMap<>();
  final Map<String, Object> train = new LinkedHashMap<>();
  /** Initial weights and masks by recorded name. */
  final Map<String, double[]> tensors = new LinkedHashMap<>();
  final Map<String, long[]> shapes = new LinkedHashMap<>();

  /** The rest of golden.json; filled by {@link #record}. */
  final Map<String, Object> golden = new LinkedHashMap<>();

  private final List<String> parameters = new ArrayList<>();
  private int[][][][] batches = {};

  RecordedRun(boolean bias, Map<String, Object> parameterization, Map<String, Object> training) {
    config.putAll(Map.of("block_size", CONTEXT, "n_layer", LAYERS, "n_head", HEADS, "n_embd", WIDTH,
        "vocab_size", VOCABULARY, "dropout", 0.0, "bias", bias));
    config.putAll(parameterization);
    train.putAll(Map.of("batch", BATCH, "accum", 1, "steps", 2, "weight_decay", 0.1, "beta1", 0.9, "beta2", 0.95,
        "clip", 1.0, "schedule", "constant"));
    train.putAll(Map.of("warmup", 0, "lr", 0.01, "eps", 1e-6));
    train.putAll(training);
    Random random = new Random(7);
    matrix(random, "transformer.wte.weight", VOCABULARY, WIDTH);
    matrix(random, "transformer.wpe.weight", CONTEXT, WIDTH);
    for (int i = 0; i < LAYERS; i++) {
      String block = "transformer.h." + i + ".";
      norm(random, block + "ln_1", bias);
      linear(random, block + "attn.c_attn", 3 * WIDTH, WIDTH, bias);
      linear(random, block + "attn.c_proj", WIDTH, WIDTH, bias);
      norm(random, block + "ln_2", bias);
      linear(random, block + "mlp.c_fc", 4 * WIDTH, WIDTH, bias);
      linear(random, block + "mlp.c_proj", WIDTH, 4 * WIDTH, bias);
    }
    norm(random, "transformer.ln_f", bias);
    if (number("sparsity", 0) > 0) {
      for (String name : List.copyOf(parameters)) {
        if (isHidden(name)) {
          double[] mask = random.doubles(tensor(name).length).map(u -> u < number("sparsity", 0) ? 0 : 1).toArray();
          put(name + ".mask", mask, shapes.getOrDefault(name, new long[0]));
          for (int i = 0; i < mask.length; i++) {
            tensor(name)[i] *= mask[i];
          }
        }
      }
    }
    drawBatches();
  }

  private void drawBatches() {
    Random random = new Random(8);
    batches = new int[trainInt("steps")][trainInt("accum")][BATCH][CONTEXT + 1];
    for (int[][][] step : batches) {
      for (int[][] micro : step) {
        for (int[] row : micro) {
          Arrays.setAll(row, _ -> random.nextInt(VOCABULARY));
        }
      }
    }
  }

  private void matrix(Random random, String name, int rows, int columns) {
    parameters.add(name);
    put(name, normal(random, rows * columns, 0.2, 0), new long[] {rows, columns});
  }

  private void linear(Random random, String name, int out, int in, boolean bias) {
    matrix(random, name + ".weight", out, in);
    if (bias) {
      vector(random, name + ".bias", out, 0);
    }
  }

  private void norm(Random random, String name, boolean bias) {
    vector(random, name + ".weight", WIDTH, 1);
    if (bias) {
      vector(random, name + ".bias", WIDTH, 0);
    }
  }

  private void vector(Random random, String name, int size, double mean) {
    parameters.add(name);
    put(name, normal(random, size, 0.1, mean), new long[] {size});
  }

  private void put(String name, double[] values, long[] shape) {
    tensors.put(name, values);
    shapes.put(name, shape);
  }

  /** Rounded to float32, since that is how they are stored. */
  private static double[] normal(Random random, int count, double std, double mean) {
    double[] values = new double[count];
    Arrays.setAll(values, _ -> (float) (mean + std * random.nextGaussian()));
    return values;
  }

  double[] tensor(String name) {
    double[] values = tensors.get(name);
    if (values == null) {
      throw new IllegalStateException("no tensor " + name);
    }
    return values;
  }

  static boolean isHidden(String name) {
    return name.endsWith(".weight") && (name.contains("attn.") || name.contains("mlp."));
  }

  private double number(String key, double absent) {
    return config.get(key) instanceof Number value ? value.doubleValue() : absent;
  }

  private boolean is(String key) {
    return Boolean.TRUE.equals(config.get(key));
  }

  private double trainNumber(String key) {
    return train.get(key) instanceof Number value ? value.doubleValue() : 1e-8;
  }

  private int trainInt(String key) {
    return (int) trainNumber(key);
  }

  double widthMultiplier() {
    return is("mup_enabled") ? number("mup_width_multiplier", 1) : 1;
  }

  private double depthPower(double exponent) {
    return is("depth_alpha_enabled") ? Math.pow(number("depth_multiplier", 1), exponent) : 1;
  }

  private double alpha() {
    return number("depth_alpha_exp", 1);
  }

  double learningRateScale(String name) {
    double density = is("supar_enabled") ? 1 - number("sparsity", 0) : 1;
    if (isHidden(name)) {
      return depthPower(alpha() - 1) / (widthMultiplier() * density);
    }
    return name.startsWith("transformer.h.") ? depthPower(alpha() - 1) : 1;
  }

  double weightDecay(String name) {
    if (name.contains("ln_") || name.endsWith(".bias")) {
      return 0;
    }
    return trainNumber("weight_decay") * (isHidden(name) && is("depth_alpha_enabled") ? widthMultiplier() : 1);
  }

  double epsilon() {
    return trainNumber("eps") * (is("depth_alpha_enabled") ? depthPower(-alpha()) / widthMultiplier() : 1);
  }

  private double learningRate(int step) {
    double peak = trainNumber("lr");
    if (!"cosine".equals(train.get("schedule"))) {
      return peak;
    }
    int warmup = trainInt("warmup");
    if (step < warmup) {
      return peak * step / warmup;
    }
    double share = (double) (step - warmup) / (trainInt("steps") - warmup);
    return peak / 10 + 0.5 * (1 + Math.cos(Math.PI * share)) * (peak - peak / 10);
  }

  /** Trains and notes what a recording notes. */
  RecordedRun record() {
    drawBatches();
    Map<String, double[]> initial = new LinkedHashMap<>();
    tensors.forEach((name, values) -> initial.put(name, values.clone()));
    Map<String, double[]> first = new LinkedHashMap<>();
    Map<String, double[]> second = new LinkedHashMap<>();
    for (String name : parameters) {
      first.put(name, new double[tensor(name).length]);
      second.put(name, new double[tensor(name).length]);
    }
    List<Double> losses = new ArrayList<>();
    List<Double> norms = new ArrayList<>();
    for (int step = 0; step < trainInt("steps"); step++) {
      int[][][] micros = batches[step];
      losses.add(loss(micros));
      Map<String, double[]> gradients = new LinkedHashMap<>();
      parameters.forEach(name -> gradients.put(name, gradient(name, micros)));
      double norm = Math.sqrt(gradients.values().stream().flatMapToDouble(Arrays::stream).map(g -> g * g).sum());
      norms.add(norm);
      double clip = trainNumber("clip");
      double factor = clip == 0 ? 1 : Math.min(1, clip / norm);
      int updates = step + 1;
      double learningRate = learningRate(step);
      gradients.forEach((name, gradient) -> update(name, gradient, factor, learningRate, updates, first, second));
    }
    golden.put("source", "a second implementation");
    golden.put("losses", losses);
    golden.put("grad_norms_before_clip", norms);
    Map<String, Double> finalNorms = new LinkedHashMap<>();
    parameters.forEach(name -> finalNorms.put(name, Math.sqrt(Arrays.stream(tensor(name)).map(w -> w * w).sum())));
    golden.put("final_param_l2", finalNorms);
    golden.put("groups", parameters.stream().map(name -> Map.of("params", List.of(name), "lr_scale",
        learningRateScale(name), "weight_decay", weightDecay(name), "eps", epsilon())).toList());
    tensors.putAll(initial);
    return this;
  }

  /** Notes results that were never measured, for recordings that are refused before they are compared. */
  RecordedRun pretend() {
    golden.putAll(Map.of("losses", List.of(2.0), "grad_norms_before_clip", List.of(1.0), "final_param_l2", Map.of()));
    return this;
  }

  private void update(String name, double[] gradient, double factor, double scheduled, int updates,
      Map<String, double[]> first, Map<String, double[]> second) {
    double[] weights = tensor(name);
    double[] m = first.getOrDefault(name, new double[0]);
    double[] v = second.getOrDefault(name, new double[0]);
    double beta1 = trainNumber("beta1");
    double beta2 = trainNumber("beta2");
    double rate = scheduled * learningRateScale(name);
    for (int i = 0; i < weights.length; i++) {
      double g = gradient[i] * factor;
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      double mHat = m[i] / (1 - Math.pow(beta1, updates));
      double vHat = v[i] / (1 - Math.pow(beta2, updates));
      weights[i] -= rate * weightDecay(name) * weights[i];
      weights[i] -= rate * mHat / (Math.sqrt(vHat) + epsilon());
    }
  }

  private double[] gradient(String name, int[][][] micros) {
    double[] weights = tensor(name);
    double[] gradient = new double[weights.length];
    double h = 1e-5;
    for (int i = 0; i < weights.length; i++) {
      double weight = weights[i];
      weights[i] = weight + h;
      double above = loss(micros);
      weights[i] = weight - h;
      gradient[i] = (above - loss(micros)) / (2 * h);
      weights[i] = weight;
    }
    return gradient;
  }

  private double loss(int[][][] micros) {
    double sum = 0;
    for (int[][] micro : micros) {
      for (int[] row : micro) {
        sum += rowLoss(row);
      }
    }
    return sum / (micros.length * BATCH * CONTEXT);
  }

  private double rowLoss(int[] row) {
    double[] tokens = tensor("transformer.wte.weight");
    double[] positions = tensor("transformer.wpe.weight");
    double inputAlpha = is("mup_enabled") ? number("mup_input_alpha", 1) : 1;
    double outputAlpha = is("mup_enabled") ? number("mup_output_alpha", 1) : 1;
    double branch = depthPower(-alpha());
    double[][] x = new double[CONTEXT][WIDTH];
    for (int t = 0; t < CONTEXT; t++) {
      for (int c = 0; c < WIDTH; c++) {
        x[t][c] = inputAlpha * (tokens[row[t] * WIDTH + c] + positions[t * WIDTH + c]);
      }
    }
    for (int i = 0; i < LAYERS; i++) {
      String block = "transformer.h." + i + ".";
      double[][] mixed = attention(map(x, block + "ln_1", block + "attn.c_attn"));
      addBranch(x, mixed, block + "attn.c_proj", branch);
      double[][] hidden = map(x, block + "ln_2", block + "mlp.c_fc");
      for (double[] vector : hidden) {
        Arrays.setAll(vector, f -> gelu(vector[f]));
      }
      addBranch(x, hidden, block + "mlp.c_proj", branch);
    }
    double loss = 0;
    for (int t = 0; t < CONTEXT; t++) {
      double[] normalized = normalize(x[t], "transformer.ln_f");
      double[] logits = new double[VOCABULARY];
      double sum = 0;
      for (int v = 0; v < VOCABULARY; v++) {
        for (int c = 0; c < WIDTH; c++) {
          logits[v] += normalized[c] * outputAlpha / widthMultiplier() * tokens[v * WIDTH + c];
        }
        sum += Math.exp(logits[v]);
      }
      loss += Math.log(sum) - logits[row[t + 1]];
    }
    return loss;
  }

  private double[][] map(double[][] x, String norm, String linear) {
    return Arrays.stream(x).map(vector -> apply(normalize(vector, norm), linear)).toArray(double[][]::new);
  }

  private void addBranch(double[][] x, double[][] inner, String linear, double branch) {
    for (int t = 0; t < x.length; t++) {
      double[] out = apply(inner[t], linear);
      for (int c = 0; c < WIDTH; c++) {
        x[t][c] += branch * out[c];
      }
    }
  }

  private double[] normalize(double[] x, String name) {
    double mean = 0;
    for (double value : x) {
      mean += value / WIDTH;
    }
    double variance = 0;
    for (double value : x) {
      variance += (value - mean) * (value - mean) / WIDTH;
    }
    double[] gain = tensor(name + ".weight");
    double[] bias = tensors.get(name + ".bias");
    double[] out = new double[WIDTH];
    for (int c = 0; c < WIDTH; c++) {
      out[c] = (x[c] - mean) / Math.sqrt(variance + 1e-5) * gain[c] + (bias == null ? 0 : bias[c]);
    }
    return out;
  }

  private double[] apply(double[] x, String name) {
    double[] weights = tensor(name + ".weight");
    double[] mask = tensors.get(name + ".weight.mask");
    double[] bias = tensors.get(name + ".bias");
    double[] out = new double[weights.length / x.length];
    for (int o = 0; o < out.length; o++) {
      out[o] = bias == null ? 0 : bias[o];
      for (int i = 0; i < x.length; i++) {
        int at = o * x.length + i;
        out[o] += (mask == null ? 1 : mask[at]) * weights[at] * x[i];
      }
    }
    return out;
  }

  private double[][] attention(double[][] qkv) {
    int headDim = WIDTH / HEADS;
    double scale = is("mup_enabled") ? 1.0 / headDim : 1 / Math.sqrt(headDim);
    double[][] out = new double[CONTEXT][WIDTH];
    for (int head = 0; head < HEADS; head++) {
      for (int t = 0; t < CONTEXT; t++) {
        double[] weights = new double[t + 1];
        double sum = 0;
        for (int s = 0; s <= t; s++) {
          double dot = 0;
          for (int d = 0; d < headDim; d++) {
            dot += qkv[t][head * headDim + d] * qkv[s][WIDTH + head * headDim + d];
          }
          weights[s] = Math.exp(scale * dot);
          sum += weights[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int d = 0; d < headDim; d++) {
            out[t][head * headDim + d] += weights[s] / sum * qkv[s][2 * WIDTH + head * headDim + d];
          }
        }
      }
    }
    return out;
  }

  /** x·Φ(x), Φ by the series of the error function, which converges fast for the small values here. */
  private static double gelu(double x) {
    double z = x / Math.sqrt(2);
    double term = z;
    double sum = z;
    for (int n = 1; Math.abs(term) > 1e-18 && n < 200; n++) {
      term *= -z * z / n;
      sum += term / (2 * n + 1);
    }
    return x * 0.5 * (1 + 2 / Math.sqrt(Math.PI) * sum);
  }

  /** Writes the three files of a recording. */
  Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    writeGolden(folder);
    writeTensors(folder);
    int rows = trainInt("steps") * trainInt("accum") * BATCH;
    ByteBuffer bytes = ByteBuffer.allocate(rows * (CONTEXT + 1) * 2).order(ByteOrder.LITTLE_ENDIAN);
    for (int[][][] step : batches) {
      for (int[][] micro : step) {
        for (int[] row : micro) {
          for (int token : row) {
            bytes.putShort((short) token);
          }
        }
      }
    }
    Files.write(folder.resolve("batches.u16"), bytes.array());
    return folder;
  }

  private void writeGolden(Path folder) throws IOException {
    Map<String, Object> document = new LinkedHashMap<>(golden);
    document.put("config", config);
    document.put("train", train);
    Files.writeString(folder.resolve("golden.json"), JsonMapper.shared().writeValueAsString(document));
  }

  private void writeTensors(Path folder) {
    LinkedHashMap<String, SafetensorsSource> sources = new LinkedHashMap<>();
    tensors.forEach((name, values) -> sources.put(name, new SafetensorsSource(SafetensorsType.F32,
        Shape.of(shapes.getOrDefault(name, new long[] {values.length})), () -> floats(values))));
    SafetensorsWriter.write(folder.resolve("init.safetensors"), sources, Map.of());
  }

  private static MemorySegment floats(double[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      bytes.putFloat((float) value);
    }
    return MemorySegment.ofArray(bytes.array());
  }
}
