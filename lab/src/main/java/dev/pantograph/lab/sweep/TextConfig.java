package dev.pantograph.lab.sweep;

/**
 * The text to train on.
 *
 * @param corpus a text file, folder, zip, jar or glob; empty means the JDK's own sources
 * @param limitBytes of text to read at most, chosen evenly over the corpus
 */
public record TextConfig(String corpus, long limitBytes) {}
