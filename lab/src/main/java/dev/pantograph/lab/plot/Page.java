package dev.pantograph.lab.plot;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A web page that needs nothing else: style and drawings are inside it, and there are no scripts. It is valid XML. */
public final class Page {
  private static final String STYLE = "page.css";

  private Page() {}

  /** The page's text. */
  public static String html(String title, Element main) {
    Element head = Element.of("head").add(Element.of("meta").set("charset", "utf-8"),
        Element.of("meta").set("name", "viewport").set("content", "width=device-width, initial-scale=1"),
        Element.of("meta").set("name", "color-scheme").set("content", "light dark"),
        Element.of("title").text(title), Element.of("style").styleSheet(styleSheet()));
    return "<!DOCTYPE html>\n" + Element.of("html").set("lang", "en").add(head, Element.of("body").add(main)) + "\n";
  }

  /** A drawing of the page as a file of its own: with its name space and the page's style, which fits its elements. */
  public static String svg(Element svg) {
    return svg.set("xmlns", "http://www.w3.org/2000/svg").add(Element.of("style").styleSheet(styleSheet())) + "\n";
  }

  private static String styleSheet() {
    try (InputStream style = Page.class.getResourceAsStream(STYLE)) {
      if (style == null) {
        throw new IllegalStateException("no resource " + STYLE + " beside " + Page.class.getName());
      }
      return new String(style.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read resource " + STYLE, e);
    }
  }
}
