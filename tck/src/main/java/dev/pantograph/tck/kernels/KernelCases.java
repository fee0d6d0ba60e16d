package dev.pantograph.tck.kernels;

import java.util.List;

/**
 * The cases of all kernels, in the order of {@link dev.pantograph.spi.Kernel}: each is checked by every rule and is a
 * row of the coverage table.
 *
 * <p>Whoever adds a kernel adds its case here, and nothing elsewhere. So does who adds a way to call an old one, such
 * as an epilogue: that is another case of the kernel with a {@link KernelCase#name} of its own.
 */
public final class KernelCases {
  private KernelCases() {}

  public static List<KernelCase> all() {
    return List.of(
        new MatMulCase(MatMulCase.Epilogue.NONE), new MatMulCase(MatMulCase.Epilogue.ACTIVATION),
        new MatMulCase(MatMulCase.Epilogue.ACTIVATION_GRADIENT), new MatMulCase(MatMulCase.Epilogue.ROW_SUMS),
        new SparseMatMulCase(true), new SparseMatMulCase(false), new SampledMatMulCase(),
        new AttentionCase(false), new AttentionCase(true),
        new AttentionGradientCase(false), new AttentionGradientCase(true),
        new NormCase(true), new NormCase(false), new NormGradientCase(true), new NormGradientCase(false),
        new GeluCase(), new GeluGradientCase(), new SwiGluCase(), new SwiGluGradientCase(),
        new EmbeddingCase(), new EmbeddingGradientCase(), new CrossEntropyCase(),
        new AdamWCase(), new SquaredNormCase(),
        new LinearCombinationCase(), new ProductCase(), new SumCase(), new FillCase(),
        new CopyCase(CopyCase.Conversion.NONE), new CopyCase(CopyCase.Conversion.WIDENING),
        new CopyCase(CopyCase.Conversion.SHORTENING), new RandomizeCase());
  }
}
