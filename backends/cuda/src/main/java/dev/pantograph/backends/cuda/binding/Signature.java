package dev.pantograph.backends.cuda.binding;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.util.List;

/**
 * A C function as its header declares it: one row of a table of functions.
 *
 * @param symbol the name that the library exports, with its suffix where the header hides that behind a macro
 * @param result what it returns
 * @param parameters what it takes, in order
 */
public record Signature(String symbol, Kind result, List<Kind> parameters) {
  public Signature {
    parameters = List.copyOf(parameters);
  }

  /** A function that returns a status, as nearly all do. */
  public static Signature status(String symbol, Kind... parameters) {
    return new Signature(symbol, Kind.INT, List.of(parameters));
  }

  /** A function that returns something else. */
  public static Signature returning(Kind result, String symbol, Kind... parameters) {
    return new Signature(symbol, result, List.of(parameters));
  }

  /** The same for the linker. */
  public FunctionDescriptor descriptor() {
    MemoryLayout[] layouts =
        parameters.stream().map(kind -> kind.layout().orElseThrow()).toArray(MemoryLayout[]::new);
    return result.layout().map(layout -> FunctionDescriptor.of(layout, layouts))
        .orElseGet(() -> FunctionDescriptor.ofVoid(layouts));
  }
}
