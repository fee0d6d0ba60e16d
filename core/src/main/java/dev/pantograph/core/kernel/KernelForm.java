package dev.pantograph.core.kernel;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.pantograph.spi.Buffer;
import dev.pantograph.spi.DType;
import dev.pantograph.spi.Kernel;
import dev.pantograph.spi.KernelException;
import dev.pantograph.spi.MatMul;
import dev.pantograph.spi.Randomize;
import dev.pantograph.spi.Shape;
import dev.pantograph.spi.View;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * Kernels taken apart and put together again, by the components of their records: to JSON and back, and onto other
 * operands. A new kernel needs nothing here, for it is a record; a new sealed type among its options needs a line in
 * {@link #JSON}. What is put together goes through the kernel's own constructor and its checks.
 */
public final class KernelForm {
  private static final String VIEWS = "views";

  private static final JsonMapper JSON = JsonMapper.builder()
      .addMixIn(Kernel.class, Named.class)
      .addMixIn(MatMul.Epilogue.class, OfKind.class)
      .addMixIn(Randomize.Distribution.class, OfKind.class)
      .addModule(new SimpleModule().addSerializer(View.class, new ViewWriter())
          .addDeserializer(View.class, new ViewReader()))
      .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
      .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
      .build();

  private KernelForm() {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "kernel")
  private interface Named {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "kind")
  private interface OfKind {}

  /**
   * A view as it is written.
   *
   * @param buffer number of its buffer
   */
  private record Window(int buffer, DType type, long offset, long[] shape, long[] strides) {
    static Window of(View view, ToIntFunction<Buffer> numbers) {
      return new Window(numbers.applyAsInt(view.buffer()), view.type(), view.offset(), view.shape().toArray(),
          view.strides());
    }

    View on(Buffer memory) {
      return View.strided(memory, type, offset, Shape.of(shape), strides);
    }
  }

  private static final class ViewWriter extends StdSerializer<View> {
    ViewWriter() {
      super(View.class);
    }

    @Override
    @SuppressWarnings("unchecked")
    public void serialize(View view, JsonGenerator json, SerializationContext context) {
      json.writePOJO(((Function<View, Object>) context.getAttribute(VIEWS)).apply(view));
    }
  }

  private static final class ViewReader extends StdDeserializer<View> {
    ViewReader() {
      super(View.class);
    }

    @Override
    @SuppressWarnings("unchecked")
    public View deserialize(JsonParser json, DeserializationContext context) {
      return ((Function<JsonNode, View>) context.getAttribute(VIEWS)).apply(context.readTree(json));
    }
  }

  /**
   * The kernel as one JSON object: {@code kernel} is its name, every other key a component of its record. A view is an
   * object of {@code buffer}, {@code type}, {@code offset}, {@code shape} and {@code strides}, in elements.
   *
   * @param numbers what a buffer is written as
   */
  public static String toJson(Kernel kernel, ToIntFunction<Buffer> numbers) {
    Function<View, Object> window = view -> Window.of(view, numbers);
    return JSON.writerFor(Kernel.class).withAttribute(VIEWS, window).writeValueAsString(kernel);
  }

  /**
   * The kernel that {@link #toJson} wrote.
   *
   * @param buffers the memory behind each number
   * @throws IllegalArgumentException if the text is no kernel
   * @throws dev.pantograph.spi.KernelException if its operands do not fit together
   */
  public static Kernel fromJson(String json, IntFunction<Buffer> buffers) {
    return read(json, view -> {
      Window window = JSON.treeToValue(view, Window.class);
      return window.on(buffers.apply(window.buffer()));
    });
  }

  /** The same kernel on other operands. Views that are equal in arrangement and memory should remain so. */
  public static Kernel withViews(Kernel kernel, UnaryOperator<View> other) {
    List<View> views = new ArrayList<>();
    Function<View, Object> number = view -> {
      views.add(view);
      return views.size() - 1;
    };
    String json = JSON.writerFor(Kernel.class).withAttribute(VIEWS, number).writeValueAsString(kernel);
    return read(json, view -> other.apply(views.get(view.intValue())));
  }

  private static Kernel read(String json, Function<JsonNode, View> views) {
    try {
      return JSON.readerFor(Kernel.class).withAttribute(VIEWS, views).readValue(json);
    } catch (JacksonException e) {
      if (e.getCause() instanceof KernelException refusal) {
        throw refusal;
      }
      throw new IllegalArgumentException("no kernel: " + e.getOriginalMessage(), e);
    }
  }
}
