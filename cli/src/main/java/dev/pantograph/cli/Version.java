package dev.pantograph.cli;

import java.lang.module.ModuleDescriptor;
import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** Pantograph's version, as recorded in the descriptor of this module. */
final class Version implements IVersionProvider {

  /** The version, or "development" where classes run outside their packaged module. */
  static String current() {
    return Optional.ofNullable(Version.class.getModule().getDescriptor())
        .flatMap(ModuleDescriptor::rawVersion)
        .orElse("development");
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "Pantograph " + current(), "Java " + Runtime.version() + ", " + System.getProperty("java.vendor")
    };
  }
}
