package dev.pantograph.lab.plot;

/** The {@code d} of an SVG path, built point by point. */
public final class SvgPath {
  private final StringBuilder data = new StringBuilder();

  public SvgPath move(double x, double y) {
    return step('M', x, y);
  }

  public SvgPath line(double x, double y) {
    return step('L', x, y);
  }

  /** Continues the line, or starts it if nothing has been drawn yet. */
  public SvgPath through(double x, double y) {
    return isEmpty() ? move(x, y) : line(x, y);
  }

  public SvgPath close() {
    data.append('Z');
    return this;
  }

  public boolean isEmpty() {
    return data.isEmpty();
  }

  public Element styled(String styleClass) {
    return Element.of("path", styleClass).set("d", data.toString());
  }

  private SvgPath step(char command, double x, double y) {
    data.append(command).append(Element.coordinate(x)).append(' ').append(Element.coordinate(y));
    return this;
  }
}
