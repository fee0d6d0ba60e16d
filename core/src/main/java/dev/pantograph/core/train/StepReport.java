package dev.pantograph.core.train;

/**
 * What one training step did.
 *
 * @param step its number, from 0
 * @param loss mean over the step's batch before the update, in nats
 * @param gradientNorm global L2 norm of the averaged gradient before clipping
 * @param learningRate the scheduled base learning rate of the update
 */
public record StepReport(long step, double loss, double gradientNorm, double learningRate) {}
