package dev.pantograph.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantograph.spi.Availability;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.BackendOptions;
import dev.pantograph.spi.BackendProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the command line says where there is nothing to check; the checks themselves have their own tests. */
class MainTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private int status;

  /** A backend this machine has not. */
  private static final class Absent implements BackendProvider {
    @Override
    public String id() {
      return "absent";
    }

    @Override
    public String description() {
      return "for the test";
    }

    @Override
    public Availability probe() {
      return new Availability.Unavailable("no such device", "Buy one");
    }

    @Override
    public Backend open(BackendOptions options) {
      throw new AssertionError("not available");
    }
  }

  private String run(String... arguments) throws IOException {
    try (PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      status = Main.run(List.of(arguments), List.of(new Absent()), out);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void withoutAnIdItSaysWhatThereIs() throws IOException {
    assertThat(run()).contains("usage", "absent");
    assertThat(status).isEqualTo(2);
  }

  @Test
  void anUnknownIdIsAnsweredWithTheKnownOnes() throws IOException {
    assertThat(run("vectr")).contains("no backend is named 'vectr'", "absent");
    assertThat(status).isEqualTo(2);
  }

  @Test
  void aBackendThatIsNotAvailableSaysWhy() throws IOException {
    assertThat(run("absent")).contains("no such device", "Buy one");
    assertThat(status).isEqualTo(2);
  }
}
