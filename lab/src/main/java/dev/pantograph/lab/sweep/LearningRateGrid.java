package dev.pantograph.lab.sweep;

/**
 * Learning rates 2^k for whole k.
 *
 * @param lowest smallest k
 * @param highest largest k
 */
public record LearningRateGrid(int lowest, int highest) {}
