package dev.pantograph.backends.cuda.nvrtc;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * CUDA C++.
 *
 * @param name of the file, for messages
 * @param text what is compiled
 * @param headers what the text may include beside what is on the disk: name → text
 */
public record CudaSource(String name, String text, SortedMap<String, String> headers) {
  public CudaSource {
    headers = Collections.unmodifiableSortedMap(new TreeMap<>(headers));
  }

  /** A file that includes no other. */
  public CudaSource(String name, String text) {
    this(name, text, new TreeMap<>());
  }
}
