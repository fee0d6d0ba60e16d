package dev.pantograph.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
  @Test
  void withoutArgumentsItExplainsItself() {
    CommandRun run = CommandRun.of();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Usage: pantograph", "doctor", "parameterization");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void versionNamesPantographAndJava() {
    CommandRun run = CommandRun.of("--version");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith("Pantograph ").contains("Java " + Runtime.version());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      doctr                            | unknown command 'doctr'; did you mean 'doctor'?
      xyzzy                            | unknown command 'xyzzy'; there are transfer, train, coordcheck
      parameterization --widht 64      | unknown option '--widht'; did you mean '--width'?
      parameterization --widht=64      | unknown option '--widht'; did you mean '--width'?
      doctor extra                     | unknown argument 'extra'
      parameterization --width=abc     | '--width'
      parameterization --width=0       | width is 0 (expected: at least 1)
      parameterization --density=1.5   | density is 1.5 (expected: above 0, at most 1)
      parameterization --rule=mupp     | no parameterization is named 'mupp'
      doctor --backend=vectr           | did you mean 'vector'?
      bench throughputt                | no suite is named 'throughputt'; did you mean 'throughput'?
      bench --filter=(                 | --filter '(' is no regular expression: Unclosed group
      bench --tolerance=2              | --tolerance is 2.0 (expected: above 0, below 1)
      bench --json=nowhere/a.json      | --json nowhere/a.json: there is no folder nowhere
      bench --list                     | in the source tree builds and starts the one that has
      wafer --device=wse-9             | no wafer 'wse-9' (expected: wse-2, wse-3, or a YAML file that describes one)
      wafer --layer=12k                | --layer 12k (expected: fan-out and fan-in, as 12288x12288)
      wafer --model=gpt-5              | no model 'gpt-5' (expected: 125m, 1.3b, 6.7b, 13b, 175b)
      wafer --density=0                | --density 0.0 (expected: above 0, at most 1)
      wafer --tokens=0                 | --tokens 0 (expected: at least 1)
      wafer --model=1.3b --tokens=99   | 99 tokens (expected: at least a sequence of '1.3b', 2048)
      wafer --layer=9x9 --trace=a.json | --trace without --model
      doctor --threads=-1              | threads: -1 (expected: 0 for one per processor, or more)
      """)
  void badInputIsOneLineAndExitCodeTwo(String arguments, String message) {
    CommandRun run = CommandRun.of(arguments.split(" "));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("error: ").contains(message).doesNotContain("\tat ");
  }

  @Test
  void stackTracesAreShownOnRequestOnly() {
    assertThat(CommandRun.of("parameterization", "--width=0", "--stacktrace").err()).contains("\tat dev.pantograph");
    assertThat(CommandRun.of("--stacktrace", "parameterization", "--width=0").err()).contains("\tat dev.pantograph");
  }
}
