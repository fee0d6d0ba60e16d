import org.jspecify.annotations.NullMarked;

/** The command line: one class per command, nothing but arguments and printing. */
@NullMarked
module dev.pantograph.cli {
  requires dev.pantograph.dataflow;
  requires dev.pantograph.lab;
  requires info.picocli;
  requires jdk.management;
  requires org.apache.commons.text;
  requires tools.jackson.databind;
  requires static org.jspecify;

  uses dev.pantograph.cli.Benchmarks;

  opens dev.pantograph.cli to info.picocli, tools.jackson.databind;
}
