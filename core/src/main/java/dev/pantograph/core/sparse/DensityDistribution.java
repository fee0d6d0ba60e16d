package dev.pantograph.core.sparse;

import dev.pantograph.spi.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** How the weights a model may have are shared out among its layers. */
public enum DensityDistribution {
  /** Every layer has the model's density. */
  UNIFORM("uniform"),
  /**
   * Erdős–Rényi (Mocanu et al. 2018): {@code ρ_l = ε·(n_in + n_out)/(n_in·n_out)}, so that layers with few weights keep
   * a larger share of them. ε is such that the model has its density; a layer that would have more weights than there
   * are is dense, and ε is solved for again.
   */
  ERDOS_RENYI("er"),
  /**
   * Erdős–Rényi over all dimensions of a kernel (Evci et al. 2020). A linear layer has no others, so that here it is
   * the same as {@link #ERDOS_RENYI}.
   */
  ERDOS_RENYI_KERNEL("erk");

  private final String label;

  DensityDistribution(String label) {
    this.label = label;
  }

  /** The name in configurations. */
  public String label() {
    return label;
  }

  /**
   * The distribution of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static DensityDistribution named(String name) {
    return Arrays.stream(values()).filter(distribution -> distribution.label.equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no distribution of density is named '%s'; there are %s"
            .formatted(name, Arrays.stream(values()).map(DensityDistribution::label)
                .collect(Collectors.joining(", ")))));
  }

  /**
   * The density of each layer.
   *
   * @param layers shape {@code [n_out, n_in]} of each
   * @param density of all together
   */
  public double[] densities(List<Shape> layers, double density) {
    double[] densities = new double[layers.size()];
    Arrays.fill(densities, density);
    return this == UNIFORM || density == 1 ? densities : erdosRenyi(layers, density);
  }

  private static double[] erdosRenyi(List<Shape> layers, double density) {
    double[] densities = new double[layers.size()];
    boolean[] dense = new boolean[layers.size()];
    while (true) {
      double weights = layers.stream().mapToDouble(layer -> kept(layer, density)).sum();
      double units = 0;
      for (int i = 0; i < dense.length; i++) {
        weights -= dense[i] ? layers.get(i).elements() : 0;
        units += dense[i] ? 0 : units(layers.get(i));
      }
      boolean fits = true;
      for (int i = 0; i < dense.length; i++) {
        densities[i] = dense[i] ? 1 : weights / units * units(layers.get(i)) / layers.get(i).elements();
        if (densities[i] > 1) {
          dense[i] = true;
          fits = false;
        }
      }
      if (fits) {
        return densities;
      }
    }
  }

  /** As the authors of RigL count: zeros are rounded down, in each layer. */
  private static double kept(Shape layer, double density) {
    return layer.elements() - Math.floor((1 - density) * layer.elements());
  }

  private static double units(Shape layer) {
    return (double) layer.size(0) + layer.size(1);
  }
}
