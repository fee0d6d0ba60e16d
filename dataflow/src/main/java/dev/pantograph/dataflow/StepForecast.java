package dev.pantograph.dataflow;

import dev.pantograph.spi.Prediction.Bound;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The time of a training step of a model that is not built: its products one after another, attention as arithmetic at
 * peak. Norms, activations, embeddings and the optimizer, which runs beside the memory outside, are left out, as in the
 * published counts of FLOPs.
 *
 * <p>What the backward pass needs stays on the wafer: for each token 16 activations of a block's width, or only the
 * input of each block, from which the block is computed again. The first saves arithmetic; with the second more tokens
 * fit at once. A step of more tokens than fit is made of several micro-batches, and each streams all weights. Of the two
 * the faster is taken.
 *
 * @param tokens of the step
 * @param microBatches it is cut into
 * @param recomputed whether blocks run forward twice
 * @param parts of one micro-batch in the order of their execution
 * @param flops without those of recomputation
 */
public record StepForecast(Wafer wafer, long tokens, long microBatches, boolean recomputed, List<Part> parts,
    double flops) {

  /**
   * A product or an attention.
   *
   * @param name as shown
   * @param seconds of one micro-batch
   * @param bound what most of it is spent on
   */
  public record Part(String name, double seconds, Bound bound) {}

  private static final double ACTIVATIONS_OF_BLOCK = 16;

  /**
   * The forecast.
   *
   * @param density of the blocks' weights; embeddings and head are dense
   * @param tokens of the step, at least one sequence; cut to whole sequences
   * @throws IllegalArgumentException if there are fewer tokens than in a sequence, or the activations of one do not fit
   */
  public static StepForecast of(Wafer wafer, ModelShape model, double density, Masks masks, long tokens) {
    long sequences = tokens / model.context();
    if (sequences < 1) {
      throw new IllegalArgumentException("%d tokens (expected: at least a sequence of '%s', %d)"
          .formatted(tokens, model.name(), model.context()));
    }
    StepForecast recomputed = of(wafer, model, density, masks, sequences, true);
    StepForecast kept = of(wafer, model, density, masks, sequences, false);
    if (recomputed == null) {
      throw new IllegalArgumentException(
          "a sequence of '%s' leaves %.3g bytes of activations, but '%s' has %.3g for them; take a smaller model"
              .formatted(model.name(), sequenceBytes(wafer, model, true), wafer.name(), wafer.activationBytes()));
    }
    return kept != null && kept.seconds() <= recomputed.seconds() ? kept : recomputed;
  }

  private static double sequenceBytes(Wafer wafer, ModelShape model, boolean recomputed) {
    double inputs = (double) model.layers() * model.width() * model.context();
    return inputs * wafer.weights().valueBytes().value() * (recomputed ? 1 : ACTIVATIONS_OF_BLOCK);
  }

  /** Null if not one sequence fits. */
  private static @Nullable StepForecast of(
      Wafer wafer, ModelShape model, double density, Masks masks, long sequences, boolean recomputed) {
    long fitting = (long) (wafer.activationBytes() / sequenceBytes(wafer, model, recomputed));
    if (fitting < 1) {
      return null;
    }
    long microBatches = Math.ceilDiv(sequences, fitting);
    long tokens = sequences * model.context();
    Parts parts = new Parts(wafer, masks, (double) tokens / microBatches);
    parts.addBlock(model, density);
    double flops = 3 * tokens * (model.linearFlops() * density + model.attentionFlops() + model.headFlops());
    return new StepForecast(wafer, tokens, microBatches, recomputed, parts.ofStep(model, recomputed), flops);
  }

  /** What a step is made of: the parts of a block and of the head. */
  private static final class Parts {
    private final Wafer wafer;
    private final Masks masks;
    private final double tokens;
    private final List<Part> forward = new ArrayList<>();
    private final List<Part> backward = new ArrayList<>();

    Parts(Wafer wafer, Masks masks, double tokens) {
      this.wafer = wafer;
      this.masks = masks;
      this.tokens = tokens;
    }

    void addBlock(ModelShape model, double density) {
      long width = model.width();
      addLayer("qkv", 3 * width, width, density);
      double attention = model.attentionFlops() / model.layers() * tokens / wafer.flopsPerSecond();
      forward.add(new Part("attention", attention, Bound.COMPUTE));
      backward.addFirst(new Part("attention gradient", 2 * attention, Bound.COMPUTE));
      addLayer("attention out", width, width, density);
      addLayer("up", 4 * width, width, density);
      addLayer("down", width, 4 * width, density);
    }

    private void addLayer(String name, long outputs, long inputs, double density) {
      LayerForecast layer = LayerForecast.of(wafer, outputs, inputs, density, masks, tokens);
      forward.add(part(name, layer.forward()));
      backward.addFirst(part(name + " input gradient", layer.inputGradient()));
      backward.addFirst(part(name + " weight gradient", layer.weightGradient()));
    }

    private static Part part(String name, StreamedProduct product) {
      return new Part(name, product.seconds(), product.bound());
    }

    List<Part> ofStep(ModelShape model, boolean recomputed) {
      List<Part> step = new ArrayList<>();
      for (int i = 0; i < model.layers(); i++) {
        step.addAll(forward);
      }
      Parts head = new Parts(wafer, masks, tokens);
      head.addLayer("head", model.vocabulary(), model.width(), 1);
      step.addAll(head.forward);
      step.addAll(head.backward);
      for (int i = 0; i < model.layers(); i++) {
        if (recomputed) {
          step.addAll(forward);
        }
        step.addAll(backward);
      }
      return List.copyOf(step);
    }
  }

  /** The time of the step. */
  public double seconds() {
    return microBatches * parts.stream().mapToDouble(Part::seconds).sum();
  }

  /** The time of the parts that run into one limit. */
  public double seconds(Bound bound) {
    return microBatches * parts.stream().filter(part -> part.bound() == bound).mapToDouble(Part::seconds).sum();
  }

  /** What most of the time is spent on. */
  public Bound bound() {
    Bound most = Bound.COMPUTE;
    for (Bound bound : Bound.values()) {
      most = seconds(bound) > seconds(most) ? bound : most;
    }
    return most;
  }

  /** Share of the wafer's arithmetic that is used for FLOPs that count. */
  public double utilisation() {
    return flops / (seconds() * wafer.flopsPerSecond());
  }
}
