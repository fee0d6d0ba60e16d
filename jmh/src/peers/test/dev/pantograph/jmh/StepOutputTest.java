package dev.pantograph.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What other programs print is read as they print it. */
class StepOutputTest {

  @Test
  void pythonSaysOneObjectForEachRequest() {
    assertThat(PythonStep.parse("{\"seconds\": [0.5, 0.25], \"loss\": 5.5}"))
        .isEqualTo(new StepPeer.Steps(List.of(0.5, 0.25), 5.5));
  }

  @Test
  void llmcIsTimedWithoutItsFirstStepAndItsLossIsThatOfTheLastStepAskedFor() {
    String output = """
        num_parameters: 124475904
        val loss -nan
        step 0: train loss 5.356189 (took 980.500000 ms)
        step 1: train loss 4.301069 (took 500.000000 ms)
        step 2: train loss 4.100000 (took 250.000000 ms)
        """;
    assertThat(LlmcStep.parse(output)).isEqualTo(new StepPeer.Steps(List.of(0.5, 0.25), 4.301069));
    assertThat(LlmcStep.parse("step 0: train loss 5.3 (took 980.5 ms)")).isNull();
  }

  @Test
  void llmcIsChangedInEveryPlaceOrNotUsed() throws PeerAbsentException {
    String source = """
        int main() {
            int B = 4; // batch
            int T = 64; // time
            int val_num_batches = 5;
            for (int step = 0; step <= 40; step++) {
        """;
    assertThat(LlmcStep.adapt(source, PeerModel.GPT2)).isEqualTo("""
        int main(int argc, char** argv) {
            int B = 2; // batch
            int T = 256; // time
            int val_num_batches = 0;
            for (int step = 0; step <= atoi(argv[1]); step++) {
        """);
    assertThatExceptionOfType(PeerAbsentException.class)
        .isThrownBy(() -> LlmcStep.adapt(source.replace("int T = 64", "int T = 128"), PeerModel.GPT2))
        .withMessageContaining("int T = 64;");
  }

  @Test
  void trialOfACoreTypeIsReadAsItIsWritten() {
    OpenBlasCoreType.Trial trial = new OpenBlasCoreType.Trial(409.25, "SkylakeX");
    assertThat(OpenBlasCoreType.Trial.parse("something a library says\n" + trial)).isEqualTo(trial);
  }
}
