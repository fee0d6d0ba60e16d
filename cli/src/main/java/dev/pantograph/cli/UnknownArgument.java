package dev.pantograph.cli;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;

/**
 * An argument that a command does not know.
 *
 * @param typed as the user typed it, without a value attached by {@code =}
 * @param kind what it was taken for: an option, a command or an argument
 * @param known the names that would have been understood in its place
 */
record UnknownArgument(String typed, String kind, Collection<String> known) {

  /** The first argument that parsing left over, if any; a missing option is often one whose name was misspelt. */
  static Optional<UnknownArgument> in(CommandLine command) {
    return command.getUnmatchedArguments().stream().findFirst().map(argument -> of(argument, command));
  }

  private static UnknownArgument of(String argument, CommandLine command) {
    if (argument.startsWith("-")) {
      return new UnknownArgument(argument.replaceFirst("=.*", ""), "option",
          command.getCommandSpec().optionsMap().keySet());
    }
    Collection<String> commands = command.getSubcommands().keySet();
    return new UnknownArgument(argument, commands.isEmpty() ? "argument" : "command", commands);
  }

  /** Which one it is, with the nearest known name; or, for a command like no other, with all there are. */
  String message() {
    String suggestion = NearestName.suggestion(typed, known);
    if (suggestion.isEmpty() && kind.equals("command")) {
      suggestion = "; there are " + String.join(", ", List.copyOf(known));
    }
    return "unknown %s '%s'%s".formatted(kind, typed, suggestion);
  }
}
