/** A program that has Pantograph inside. */
module org.example.embed {
  requires dev.pantograph.core;
}
