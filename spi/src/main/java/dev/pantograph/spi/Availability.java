package dev.pantograph.spi;

import java.util.List;
import java.util.Map;

/** What {@link BackendProvider#probe()} found out. */
public sealed interface Availability {

  /**
   * The backend can be opened.
   *
   * @param rank preference in automatic choice; the highest wins
   * @param facts what a person wants to know of the device, in reading order: name → value
   * @param limitations what the backend does not do on this machine; everything else is promised
   */
  record Available(int rank, Map<String, String> facts, List<Limitation> limitations) implements Availability {
    public Available {
      limitations = List.copyOf(limitations);
    }

    /** A backend that does everything. */
    public Available(int rank, Map<String, String> facts) {
      this(rank, facts, List.of());
    }
  }

  /**
   * The backend cannot be opened on this machine as it is.
   *
   * @param reason what was looked for and what was found
   * @param remedy what the user can do about it
   */
  record Unavailable(String reason, String remedy) implements Availability {}
}
