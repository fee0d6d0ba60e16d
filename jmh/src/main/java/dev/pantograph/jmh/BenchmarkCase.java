package dev.pantograph.jmh;

/**
 * What one JMH run measures: a benchmark with its parameter.
 *
 * @param name as a user reads and filters it
 * @param benchmark class with a single benchmark method
 * @param parameter of that class
 * @param value of the parameter
 * @param quickSeconds length of an iteration where short ones are enough; 0 for single shots
 */
record BenchmarkCase(String name, Class<?> benchmark, String parameter, String value, double quickSeconds) {}
