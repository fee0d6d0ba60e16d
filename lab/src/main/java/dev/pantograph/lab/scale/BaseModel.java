package dev.pantograph.lab.scale;

/**
 * The model that hyperparameters are tuned on, and everything about its larger relatives that is not scaled.
 *
 * @param width d_model
 * @param layers number of blocks
 * @param headDim d_h, the same at every width
 * @param density share of non-zero hidden weights
 * @param tiedHead whether the head shares the token table
 * @param initStd σ
 */
public record BaseModel(int width, int layers, int headDim, double density, boolean tiedHead, double initStd) {}
