package dev.pantograph.lab.plot;

/** Parts of a report's tables: the first column names what a row is about, the others hold numbers. */
public final class DataTable {
  private DataTable() {}

  public static Element header(String... columns) {
    Element row = Element.of("tr");
    for (int i = 0; i < columns.length; i++) {
      row.add(Element.of("th", i == 0 ? "name" : "number").set("scope", "col").text(columns[i]));
    }
    return Element.of("thead").add(row);
  }

  /** A table that scrolls by itself where the page is narrower. */
  public static Element scrolling(Element table) {
    return Element.of("div", "scroll").set("tabindex", "0").add(table);
  }
}
