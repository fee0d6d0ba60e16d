package dev.pantograph.lab.plot;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * An element of the report's page, HTML or SVG. Text and attribute values are escaped where they enter, and every
 * element is closed, so the page is well-formed by construction and can be read as XML too.
 */
public final class Element {
  /** The HTML elements that have no end tag; all others, SVG's included, may be written with one. */
  private static final Set<String> VOID = Set.of("br", "meta");

  private final String name;
  private final Map<String, String> attributes = new LinkedHashMap<>();
  private final List<Object> children = new ArrayList<>();

  private Element(String name) {
    this.name = name;
  }

  public static Element of(String name) {
    return new Element(name);
  }

  /** An element of a CSS class. */
  public static Element of(String name, String styleClass) {
    return new Element(name).set("class", styleClass);
  }

  public Element set(String attribute, String value) {
    attributes.put(attribute, escape(value).replace("\"", "&quot;"));
    return this;
  }

  /** Sets a coordinate or length, to a hundredth of a unit. */
  public Element set(String attribute, double value) {
    return set(attribute, coordinate(value));
  }

  public Element add(Element... elements) {
    children.addAll(List.of(elements));
    return this;
  }

  public Element add(List<Element> elements) {
    children.addAll(elements);
    return this;
  }

  public Element text(String text) {
    children.add(escape(text));
    return this;
  }

  /** Adds a style sheet as it is: inside {@code <style>}, HTML knows no escapes. */
  public Element styleSheet(String css) {
    if (css.contains("<") || css.contains("&")) {
      throw new IllegalArgumentException(
          "style sheet contains < or & (expected: neither, as the page must also be XML)");
    }
    children.add(css);
    return this;
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    write(out);
    return out.toString();
  }

  private void write(StringBuilder out) {
    out.append('<').append(name);
    attributes.forEach((attribute, value) -> out.append(' ').append(attribute).append("=\"").append(value).append('"'));
    if (VOID.contains(name)) {
      out.append("/>");
      return;
    }
    out.append('>');
    for (Object child : children) {
      if (child instanceof Element element) {
        element.write(out);
      } else {
        out.append(child);
      }
    }
    out.append("</").append(name).append('>');
  }

  /** A number as SVG wants it: a point for the decimals and no more digits than can be seen. */
  public static String coordinate(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.endsWith(".00") ? text.substring(0, text.length() - 3) : text;
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    text.codePoints().forEach(c -> {
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        default -> escaped.appendCodePoint(isCharacter(c) ? c : 0xFFFD);
      }
    });
    return escaped.toString();
  }

  /** Whether XML allows the character at all; control characters it does not, not even escaped. */
  private static boolean isCharacter(int c) {
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xD7FF)
        || (c >= 0xE000 && c != 0xFFFE && c != 0xFFFF);
  }
}
