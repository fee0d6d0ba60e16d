package dev.pantograph.spi;

import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Something a backend declares it does not do on this machine. Whatever no limitation names is promised, and checked by
 * the conformance kit; what is named is refused with a {@link KernelException}, and the kit checks that too.
 */
public sealed interface Limitation {
  /** What is lacking, in a phrase: {@code kernels in F64, except Copy and Fill}. */
  String what();

  /** Why, in a phrase a person can act on. */
  String reason();

  /** Whether a kernel of this class, computing in this element type, is refused. */
  default boolean refuses(Class<? extends Kernel> kernel, DType type) {
    return false;
  }

  /**
   * An element type in which no kernel computes.
   *
   * @param except the kernels that do
   */
  record NoType(DType type, Set<Class<? extends Kernel>> except, String reason) implements Limitation {
    public NoType {
      except = Set.copyOf(except);
    }

    @Override
    public String what() {
      return "kernels in " + type
          + (except.isEmpty() ? "" : ", except " + list(except.stream().map(Class::getSimpleName).toList()));
    }

    @Override
    public boolean refuses(Class<? extends Kernel> kernel, DType refused) {
      return refused == type && !except.contains(kernel);
    }
  }

  /** A kernel that is refused in these element types. */
  record NoKernel(Class<? extends Kernel> kernel, Set<DType> types, String reason) implements Limitation {
    public NoKernel {
      types = Set.copyOf(types);
    }

    @Override
    public String what() {
      return kernel.getSimpleName() + " in " + list(types.stream().map(DType::name).toList());
    }

    @Override
    public boolean refuses(Class<? extends Kernel> refused, DType type) {
      return refused == kernel && types.contains(type);
    }
  }

  /** Results differ in their last bits between numbers of threads. Under one number they still repeat. */
  record ThreadsShowInBits(String reason) implements Limitation {
    @Override
    public String what() {
      return "the same bits for any number of threads";
    }
  }

  private static String list(Collection<String> names) {
    return names.stream().sorted().collect(Collectors.joining(" and "));
  }
}
