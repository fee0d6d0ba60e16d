// A grid of threads on one CPU thread.
#pragma once

#include <string>

struct Dim {
  unsigned x, y, z;
};

// Runs a kernel's blocks one after another, the last first: what relies on an order of blocks shows. Returns an empty
// text, or what the kernel did that a device does not survive.
std::string run_grid(void (*kernel)(void **), void **arguments, Dim grid, Dim block);
