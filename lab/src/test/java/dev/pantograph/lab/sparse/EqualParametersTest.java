package dev.pantograph.lab.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantograph.core.data.BatchSampler;
import dev.pantograph.core.data.BatchSource;
import dev.pantograph.core.data.Corpus;
import dev.pantograph.core.data.DocumentSplit;
import dev.pantograph.core.data.TokenStream;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.sparse.DensityReference;
import dev.pantograph.core.sparse.SparseTraining;
import dev.pantograph.core.sparse.Sparsity;
import dev.pantograph.core.sparse.TopologySchedule;
import dev.pantograph.core.sparse.TopologySchedule.GradualPruning;
import dev.pantograph.core.sparse.TopologySchedule.Static;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.lab.sweep.HeldOutLoss;
import dev.pantograph.lab.testing.TestBackends;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * The claim of "The Journey Matters" (Jin et al., arXiv 2501.12486, abstract) in small: a model pruned from 25 % to
 * 75 % of its training ends where a dense one of its mean number of parameters does, on the same tokens.
 */
class EqualParametersTest {
  private static final int STEPS = 300;
  private static final int TIME = 32;
  private static final int BATCH = 8;
  private static final int SEEDS = 2;
  private static final int HEAD_DIM = 8;
  /** By so many nats the means over these seeds differ from others'. */
  private static final double SEED_NOISE = 0.04;

  private static TransformerConfig model(int width) {
    return TransformerConfig.gpt(TokenStream.VOCABULARY, TIME, 2, width / HEAD_DIM, width)
        .sparsity(Sparsity.defaults().emptyRows(true));
  }

  @Test
  void aPrunedModelEndsWhereADenseOneOfItsMeanSizeDoes() {
    TransformerConfig pruned = model(32);
    TransformerConfig dense = model(24);
    double wanted = 1 - (double) (pruned.parameters() - dense.parameters()) / pruned.hiddenWeights();
    GradualPruning journey = GradualPruning.journey(1 - (1 - wanted) / 0.625, STEPS, 10, 0);
    assertThat(journey.meanDensity(STEPS, 1)).isCloseTo(wanted, within(0.02));

    Corpus corpus = Corpus.open("src/main/java", 1 << 20);
    DocumentSplit split = DocumentSplit.of(corpus.documents(), 0, 0.2);
    try (TokenStream train = TokenStream.of(split.train());
        TokenStream validation = TokenStream.of(split.validation());
        Backend backend = TestBackends.vector()) {
      // Of the pruned model, the dense one of its mean size, and a smaller one.
      double[] losses = {0, 0, 0};
      for (int seed = 0; seed < SEEDS; seed++) {
        BatchSource batches = new BatchSampler(train, 1, BATCH, TIME, seed);
        BatchSource held = new BatchSampler(validation, 1, BATCH, TIME, 0);
        losses[0] += loss(backend, pruned, journey, batches, held, seed) / SEEDS;
        losses[1] += loss(backend, dense, new Static(), batches, held, seed) / SEEDS;
        losses[2] += loss(backend, model(16), new Static(), batches, held, seed) / SEEDS;
      }
      assertThat(losses[2] - losses[1]).as("what a smaller model costs").isGreaterThan(SEED_NOISE);
      assertThat(losses[0]).isCloseTo(losses[1], within(SEED_NOISE));
    }
  }

  private static double loss(Backend backend, TransformerConfig config, TopologySchedule topology, BatchSource batches,
      BatchSource held, int seed) {
    Scaling scaling = new Scaling(Parameterization.named("standard"), config.relativeTo(config),
        new BaseHyperparameters(0.08, 0x1p-7, 0.1, 1e-8, 1, 1));
    try (Transformer model = new Transformer(backend, DType.F32, config, scaling, seed);
        Trainer trainer = new Trainer(model, batches, AdamWSettings.defaults(),
            new Schedule(new Schedule.Shape.Linear(), STEPS / 10, STEPS),
            new SparseTraining(topology, DensityReference.INITIAL))) {
      return Objects.requireNonNull(HeldOutLoss.after(STEPS, trainer, held, 16).loss());
    }
  }
}
