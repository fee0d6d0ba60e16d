package dev.pantograph.core.optim;

import dev.pantograph.core.nn.Parameter;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.scaling.Role;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.View;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * AdamW over all parameters of a model, each with the factors its role has under the model's parameterization. The
 * scheduled learning rate is multiplied into a stored scale, never set, so a schedule cannot undo the parameterization.
 */
public final class AdamWOptimizer implements AutoCloseable {
  private final Backend backend;
  private final AdamWSettings settings;
  private final double peakLearningRate;
  private final Storage storage;
  private final SequencedMap<String, Tensor> moments = new LinkedHashMap<>();
  private final Tensor control;
  private final Tensor squaredNorm;
  private final SquaredNorm measureGradients;
  private final AdamW update;
  private long updates;

  /** Allocates the moments, zero, for every parameter of the model. */
  public AdamWOptimizer(Transformer model, AdamWSettings settings) {
    this.backend = model.backend();
    this.settings = settings;
    this.peakLearningRate = model.scaling().base().learningRate();
    this.storage = new Storage(backend);
    List<AdamW.Slot> slots = new ArrayList<>();
    List<View> gradients = new ArrayList<>();
    for (Parameter parameter : model.parameters()) {
      Tensor first = zeros(parameter, "firstMoment");
      Tensor second = zeros(parameter, "secondMoment");
      Scaling scaling = model.scaling();
      Role role = parameter.role();
      slots.add(new AdamW.Slot(parameter.value().view(), parameter.gradient().view(), first.view(), second.view(),
          scaling.learningRateScale(role),
          switch (settings.decay()) {
            case COUPLED -> scaling.coupledWeightDecay(role);
            case INDEPENDENT -> scaling.independentWeightDecay(role);
          },
          settings.decay(), scaling.epsilon(role)));
      gradients.add(parameter.gradient().view());
    }
    control = storage.allocate("optimizer.control", model.type(), Shape.of(AdamW.CONTROL_SIZE));
    squaredNorm = storage.allocate("optimizer.squaredGradientNorm", DType.F64, Shape.scalar());
    measureGradients = new SquaredNorm(squaredNorm.view(), gradients);
    update = new AdamW(slots, control.view(), squaredNorm.view(), settings.maxGradientNorm(), settings.beta1(),
        settings.beta2());
  }

  private Tensor zeros(Parameter parameter, String name) {
    Tensor tensor =
        storage.allocate(parameter.name() + "." + name, parameter.value().type(), parameter.value().shape());
    backend.submit(new Fill(tensor.view(), 0));
    moments.put(tensor.name(), tensor);
    return tensor;
  }

  /** The global L2 norm of all gradients, before clipping. */
  public double gradientNorm() {
    backend.submit(measureGradients);
    return Math.sqrt(squaredNorm.toDouble());
  }

  /**
   * Updates all parameters. {@link #gradientNorm} must have been called for these gradients: its result is what
   * clipping reads.
   *
   * @param scheduleFactor of this step, on the peak learning rate
   */
  public void update(double scheduleFactor) {
    updates++;
    control.set(peakLearningRate * scheduleFactor, scheduleFactor, 1 - Math.pow(settings.beta1(), updates),
        1 - Math.pow(settings.beta2(), updates));
    backend.submit(update);
  }

  /** Number of updates made: the t of the bias corrections. */
  public long updates() {
    return updates;
  }

  /** First and second moments by name: with {@link #updates}, all the state there is. */
  public SequencedMap<String, Tensor> moments() {
    return Collections.unmodifiableSequencedMap(moments);
  }

  /** Continues from moments restored into {@link #moments} as after this many updates. */
  public void resumeAfter(long restoredUpdates) {
    updates = restoredUpdates;
  }

  /** Releases the moments. */
  @Override
  public void close() {
    storage.close();
  }
}
