package dev.pantograph.jmh;

/** A peer is not to be had here. Others are compared without it; the message says why. */
final class PeerAbsentException extends Exception {
  private static final long serialVersionUID = 1;

  PeerAbsentException(String message) {
    super(message);
  }

  PeerAbsentException(String message, Throwable cause) {
    super(message, cause);
  }
}
