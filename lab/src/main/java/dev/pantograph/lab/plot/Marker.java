package dev.pantograph.lab.plot;

/** The shapes of data points: what tells curves apart for those who cannot tell their colours apart. */
public enum Marker {
  CIRCLE(32, 1, 0), SQUARE(4, 1.2, 45), TRIANGLE(3, 1.35, 0), DIAMOND(4, 1.3, 0), DOWN(3, 1.35, 180),
  PENTAGON(5, 1.2, 0), HEXAGON(6, 1.15, 30), LEFT(3, 1.35, 270);

  private final int corners;
  /** Radius relative to the circle's, so that all shapes look equally heavy. */
  private final double reach;
  private final double turn;

  Marker(int corners, double reach, double turn) {
    this.corners = corners;
    this.reach = reach;
    this.turn = Math.toRadians(turn);
  }

  /** The shape of the i-th curve. */
  public static Marker of(int i) {
    return values()[i % values().length];
  }

  public Element at(double x, double y, double radius, String styleClass) {
    SvgPath path = new SvgPath();
    for (int i = 0; i < corners; i++) {
      double angle = turn + 2 * Math.PI * i / corners;
      path.through(x + reach * radius * Math.sin(angle), y - reach * radius * Math.cos(angle));
    }
    return path.close().styled(styleClass);
  }
}
