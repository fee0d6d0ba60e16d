// What the other libraries of the fake share with its driver.
#pragma once

#include <functional>

// Runs work in the order of a stream: at once, or at every launch of the graph that the stream is being recorded into.
// Returns a status of the driver.
int fake_submit(void *stream, const char *what, std::function<void()> work);
