package org.example.embed;

import dev.pantograph.core.backend.Backends;
import dev.pantograph.core.data.BatchSampler;
import dev.pantograph.core.data.Corpus;
import dev.pantograph.core.data.TokenStream;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.nn.TransformerConfig;
import dev.pantograph.core.optim.AdamWSettings;
import dev.pantograph.core.scaling.BaseHyperparameters;
import dev.pantograph.core.scaling.Parameterization;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.schedule.Schedule;
import dev.pantograph.core.train.Trainer;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.DType;
import java.nio.file.Path;

/** Trains a small model on a text, saves it and goes on from the file with another one. */
public final class Embed {
  private static final TransformerConfig MODEL = TransformerConfig.gpt(TokenStream.VOCABULARY, 32, 2, 2, 32);
  private static final Schedule SCHEDULE = new Schedule(new Schedule.Shape.Linear(), 5, 40);
  private static final int HALF = 20;

  private Embed() {}

  /** {@code TEXT CHECKPOINT [BACKEND]}; without a backend's id the best one is taken. */
  public static void main(String[] arguments) {
    Path checkpoint = Path.of(arguments[1]);
    Backends backends = Backends.discover();
    IO.println(backends.inventory());
    BackendOptions options = BackendOptions.defaults();
    try (Backend backend = arguments.length > 2 ? backends.open(arguments[2], options) : backends.openPreferred(options);
        TokenStream text = TokenStream.of(Corpus.open(arguments[0], Corpus.NO_LIMIT).documents())) {
      IO.println("using " + backend.id());
      try (Transformer model = model(backend); Trainer trainer = trainer(model, text)) {
        trainer.train(HALF, IO::println);
        trainer.save(checkpoint);
      }
      try (Transformer model = model(backend); Trainer trainer = trainer(model, text)) {
        trainer.restore(checkpoint);
        trainer.train(HALF, IO::println);
      }
    }
  }

  private static Transformer model(Backend backend) {
    Scaling scaling =
        new Scaling(Parameterization.muP(), MODEL.relativeTo(MODEL), BaseHyperparameters.withLearningRate(0x1p-7));
    return new Transformer(backend, DType.F32, MODEL, scaling, 0);
  }

  private static Trainer trainer(Transformer model, TokenStream text) {
    return new Trainer(model, new BatchSampler(text, 1, 4, 32, 0), AdamWSettings.defaults(), SCHEDULE);
  }
}
