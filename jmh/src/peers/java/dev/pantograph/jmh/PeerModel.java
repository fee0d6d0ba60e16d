package dev.pantograph.jmh;

import dev.pantograph.core.nn.TransformerConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The models at whose sizes implementations are compared: batch B, context T, and the decoder. */
enum PeerModel {
  /** Width 256, 4 blocks, bytes: 4096 tokens a step. */
  SMALL(ModelShape.D256),
  /** Width 512, 6 blocks, vocabulary 4096: 2048 tokens a step. */
  MIDDLE(ModelShape.D512),
  /** GPT-2 with 124 million parameters: 512 tokens a step. */
  GPT2(ModelShape.GPT2);

  private final ModelShape shape;
  private final TransformerConfig config;

  PeerModel(ModelShape shape) {
    this.shape = shape;
    this.config = shape.config();
  }

  int batch() {
    return shape.batch();
  }

  int time() {
    return shape.time();
  }

  int tokensPerStep() {
    return shape.tokens();
  }

  TransformerConfig config() {
    return config;
  }

  /** Model FLOPs of one training step. */
  double flopsPerStep() {
    return (double) tokensPerStep() * config.trainingFlopsPerToken(time());
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The three products of training for each weight {@code [out, in]} of a block and for the head. */
  List<MatMulCase> products(int threads) {
    int d = config.width();
    List<MatMulCase> cases = new ArrayList<>();
    addProducts(cases, "qkv", 3 * d, d, threads);
    addProducts(cases, "out", d, d, threads);
    addProducts(cases, "up", config.feedForward(), d, threads);
    addProducts(cases, "down", d, config.feedForward(), threads);
    addProducts(cases, "head", config.vocabulary(), d, threads);
    return cases;
  }

  private void addProducts(List<MatMulCase> cases, String weight, int out, int in, int threads) {
    int rows = tokensPerStep();
    String name = label() + " " + weight;
    cases.add(new MatMulCase(name + " y", threads, rows, out, in, false, true));
    cases.add(new MatMulCase(name + " dx", threads, rows, in, out, false, false));
    cases.add(new MatMulCase(name + " dw", threads, out, in, rows, true, false));
  }
}
