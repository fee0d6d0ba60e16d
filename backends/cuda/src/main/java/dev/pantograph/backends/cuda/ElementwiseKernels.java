package dev.pantograph.backends.cuda;

import dev.pantograph.spi.Fill;
import dev.pantograph.spi.Gelu;
import dev.pantograph.spi.GeluGradient;
import dev.pantograph.spi.LinearCombination;
import dev.pantograph.spi.Product;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.SwiGlu;
import dev.pantograph.spi.SwiGluGradient;
import dev.pantograph.spi.View;

/** Kernels that compute each element from those at its place. */
final class ElementwiseKernels {
  private static final long NORMAL = 0;
  private static final long BERNOULLI = 1;
  /** Elements that come from one block of the generator. */
  private static final int GENERATED = 4;

  private final Launcher launcher;

  ElementwiseKernels(Launcher launcher) {
    this.launcher = launcher;
  }

  void run(Fill k) {
    launcher.begin(Source.FILL, "fill", k.out().type())
        .view(k.out()).add(k.value()).add(k.out().elements()).overElements(k.out().elements());
  }

  void run(LinearCombination k) {
    View y = k.y() == null ? k.x() : k.y();
    launcher.begin(Source.ELEMENTWISE, "linear_combination", k.out().type(), k.x().type(), y.type())
        .view(k.out()).add(k.alpha()).view(k.x()).add(k.beta()).view(k.y()).add(k.out().elements())
        .overElements(k.out().elements());
  }

  void run(Product k) {
    launcher.begin(Source.ELEMENTWISE, "product", k.out().type(), k.x().type(), k.y().type())
        .view(k.out()).view(k.x()).view(k.y()).add(k.accumulate()).add(k.out().elements())
        .overElements(k.out().elements());
  }

  void run(Gelu k) {
    launcher.begin(Source.GELU, "gelu", k.out().type(), k.x().type())
        .view(k.out()).view(k.x()).add(code(k.form())).add(k.out().elements()).overElements(k.out().elements());
  }

  void run(GeluGradient k) {
    launcher.begin(Source.GELU_GRADIENT, "gelu_gradient", k.dx().type(), k.dOut().type(), k.x().type())
        .view(k.dx()).view(k.dOut()).view(k.x()).add(code(k.form())).add(k.accumulate()).add(k.dx().elements())
        .overElements(k.dx().elements());
  }

  /** How the kernels number the forms. */
  static long code(Gelu.Form form) {
    return switch (form) {
      case EXACT -> 0;
      case TANH -> 1;
    };
  }

  void run(SwiGlu k) {
    launcher.begin(Source.SWIGLU, "swiglu", k.out().type(), k.gate().type(), k.up().type());
    rows(k.out());
    rows(k.gate());
    rows(k.up());
    launcher.add(k.out().size(0)).add(k.out().size(1)).overRows(k.out().size(0), k.out().size(1));
  }

  void run(SwiGluGradient k) {
    launcher.begin(Source.SWIGLU_GRADIENT, "swiglu_gradient",
        k.dGate().type(), k.dUp().type(), k.dOut().type(), k.gate().type(), k.up().type());
    rows(k.dGate());
    rows(k.dUp());
    rows(k.dOut());
    rows(k.gate());
    rows(k.up());
    launcher.add(k.accumulate()).add(k.dGate().size(0)).add(k.dGate().size(1))
        .overRows(k.dGate().size(0), k.dGate().size(1));
  }

  private void rows(View view) {
    launcher.view(view).add(view.stride(0));
  }

  void run(Randomize k) {
    launcher.begin(Source.RANDOMIZE, "randomize", k.out().type()).view(k.out());
    switch (k.distribution()) {
      case Randomize.Distribution.Normal(double mean, double std) -> launcher.add(NORMAL).add(mean).add(std);
      case Randomize.Distribution.Bernoulli(double probability) -> launcher.add(BERNOULLI).add(probability).add(0.0);
    }
    launcher.add(k.seed()).add(k.stream()).add(k.out().elements())
        .overThreads(Math.ceilDiv(k.out().elements(), GENERATED));
  }
}
