package dev.pantograph.core.optim;

import dev.pantograph.core.nn.Parameter;
import dev.pantograph.core.nn.Transformer;
import dev.pantograph.core.scaling.Role;
import dev.pantograph.core.scaling.Scaling;
import dev.pantograph.core.sparse.DensityReference;
import dev.pantograph.core.sparse.Relayout;
import dev.pantograph.core.tensor.ScalarReading;
import dev.pantograph.core.tensor.Storage;
import dev.pantograph.core.tensor.Tensor;
import dev.pantograph.spi.AdamW;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.SquaredNorm;
import dev.pantograph.spi.View;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/**
 * AdamW over all parameters of a model, each with the factors its role has under the model's parameterization. The
 * scheduled learning rate is multiplied into a stored scale, never set, so a schedule cannot undo the parameterization.
 */
public final class AdamWOptimizer implements AutoCloseable {
  private static final String FIRST_MOMENT = ".firstMoment";
  private static final String SECOND_MOMENT = ".secondMoment";
  private static final List<String> MOMENTS = List.of(FIRST_MOMENT, SECOND_MOMENT);

  /** What a step comes down to, made once for each topology. */
  private record Kernels(SquaredNorm measureGradients, AdamW update) {}

  private final Transformer model;
  private final Backend backend;
  private final AdamWSettings settings;
  private final DensityReference reference;
  private final double peakLearningRate;
  private final Storage storage;
  private final SequencedMap<String, Tensor> moments = new LinkedHashMap<>();
  private final Tensor control;
  private final Tensor squaredNorm;
  /** Zero, or not a number: times what an update depends on. */
  private final Tensor guard;
  private final Tensor zero;
  private Kernels kernels;
  private long updates;

  /** {@link #AdamWOptimizer(Transformer, AdamWSettings, DensityReference)} with the densities a model was made with. */
  public AdamWOptimizer(Transformer model, AdamWSettings settings) {
    this(model, settings, DensityReference.INITIAL);
  }

  /**
   * Allocates the moments, zero, for every parameter of the model.
   *
   * @param reference which density the parameterization's factors follow
   */
  public AdamWOptimizer(Transformer model, AdamWSettings settings, DensityReference reference) {
    this.model = model;
    this.backend = model.backend();
    this.settings = settings;
    this.reference = reference;
    this.peakLearningRate = model.scaling().base().learningRate();
    this.storage = new Storage(backend);
    for (Parameter parameter : model.parameters()) {
      for (String moment : MOMENTS) {
        Tensor tensor = allocate(parameter, moment);
        backend.submit(new Fill(tensor.view(), 0));
      }
    }
    control = storage.allocate("optimizer.control", model.type(), Shape.of(AdamW.CONTROL_SIZE));
    squaredNorm = storage.allocate("optimizer.squaredGradientNorm", DType.F64, Shape.scalar());
    guard = storage.allocate("optimizer.guard", model.type(), Shape.scalar());
    zero = storage.allocate("optimizer.zero", model.type(), Shape.scalar());
    for (Tensor tensor : List.of(guard, zero)) {
      backend.submit(new Fill(tensor.view(), 0));
    }
    kernels = kernels();
  }

  private Tensor allocate(Parameter parameter, String moment) {
    Tensor tensor =
        storage.allocate(parameter.name() + moment, parameter.value().type(), parameter.value().shape());
    moments.put(tensor.name(), tensor);
    return tensor;
  }

  private Kernels kernels() {
    List<AdamW.Slot> slots = new ArrayList<>();
    List<View> gradients = new ArrayList<>();
    for (Parameter parameter : model.parameters()) {
      Role role = parameter.role();
      Scaling scaling = model.scaling(role, switch (reference) {
        case INITIAL -> model.initialDensity(role);
        case CURRENT -> parameter.density();
      });
      slots.add(new AdamW.Slot(parameter.value().view(), parameter.gradient().view(),
          moment(parameter.name(), FIRST_MOMENT).view(), moment(parameter.name(), SECOND_MOMENT).view(),
          scaling.learningRateScale(role),
          switch (settings.decay()) {
            case COUPLED -> scaling.coupledWeightDecay(role);
            case INDEPENDENT -> scaling.independentWeightDecay(role);
          },
          settings.decay(), scaling.epsilon(role)));
      gradients.add(parameter.gradient().view());
    }
    gradients.add(guard.view());
    return new Kernels(new SquaredNorm(squaredNorm.view(), gradients), new AdamW(slots, control.view(),
        squaredNorm.view(), settings.maxGradientNorm(), settings.beta1(), settings.beta2()));
  }

  private Tensor moment(String parameter, String moment) {
    return Objects.requireNonNull(moments.get(parameter + moment), parameter);
  }

  /**
   * Goes with a model whose topology changed: the moments of weights that stayed stay, those of new ones are zero, and
   * the parameterization's factors follow the density if they are to.
   *
   * @param changes by the parameter's name, as {@link Transformer#replaceTopology} gave them
   */
  public void follow(Map<String, Relayout> changes) {
    changes.forEach((name, relayout) -> {
      for (String moment : MOMENTS) {
        Tensor before = moment(name, moment);
        double[] numbers = relayout.apply(before.toDoubles());
        storage.free(before);
        allocate(model.parameter(name), moment).set(numbers);
      }
    });
    kernels = kernels();
  }

  /**
   * What makes the next update depend on a number, beside the gradients: submitted before {@link #measureGradients}, it
   * leaves the norm as it is if the number is finite, and makes it NaN if not.
   *
   * @param loss a scalar of the parameters' type
   * @param replacing whether numbers of before no longer matter
   */
  public Product guardBy(Tensor loss, boolean replacing) {
    return new Product(guard.view(), loss.view(), zero.view(), !replacing);
  }

  /** Asks for the square of the global L2 norm of all gradients, before clipping. */
  public ScalarReading measureGradients() {
    backend.submit(kernels.measureGradients());
    return squaredNorm.readBack();
  }

  /**
   * Updates all parameters, if the norm that {@link #measureGradients} found is finite; else it changes nothing. That
   * must have been called for these gradients: its result is what clipping reads. Nobody need have waited for it.
   *
   * @param scheduleFactor of this step, on the peak learning rate
   */
  public void update(double scheduleFactor) {
    long number = updates + 1;
    control.set(peakLearningRate * scheduleFactor, scheduleFactor, 1 - Math.pow(settings.beta1(), number),
        1 - Math.pow(settings.beta2(), number));
    backend.submit(kernels.update());
    updates = number;
  }

  /** Number of updates made: the t of the bias corrections. */
  public long updates() {
    return updates;
  }

  /** First and second moments by name: with {@link #updates}, all the state there is. */
  public SequencedMap<String, Tensor> moments() {
    return Collections.unmodifiableSequencedMap(moments);
  }

  /**
   * Continues as after this many updates: those of moments restored into {@link #moments}, or one fewer where the last
   * changed nothing.
   */
  public void resumeAfter(long restoredUpdates) {
    updates = restoredUpdates;
  }

  /** Releases the moments. */
  @Override
  public void close() {
    storage.close();
  }
}
