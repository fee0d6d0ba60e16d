package dev.pantograph.core.data;

import java.lang.foreign.MemorySegment;

/**
 * Where training gets its batches: what a step sees is a function of the step's number, so training can resume
 * anywhere.
 */
public interface BatchSource {

  /** Rows of a micro-batch, B. */
  int batch();

  /** Tokens of a row, T. */
  int time();

  /** Micro-batches whose gradients one step accumulates. */
  int microBatches();

  /**
   * Writes one micro-batch.
   *
   * @param step optimizer step, counted from 0
   * @param micro micro-batch within the step, in {@code [0, microBatches())}
   * @param inputs receives int32 [B, T], row-major, in the host's byte order
   * @param targets receives int32 [B, T]: each input's next token
   * @throws IndexOutOfBoundsException if step or micro-batch do not exist
   * @throws IllegalArgumentException if a segment is not of exactly 4·B·T bytes
   */
  void fill(long step, int micro, MemorySegment inputs, MemorySegment targets);
}
