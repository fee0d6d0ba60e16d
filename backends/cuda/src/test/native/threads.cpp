// Checked jumps, which some compilers make by default, take a change of stacks for an error.
#undef _FORTIFY_SOURCE

#include "threads.hpp"
#include <csetjmp>
#include <cstring>
#include <memory>
#include <ucontext.h>
#include <vector>

namespace {

constexpr int WARP = 32;
constexpr size_t STACK_BYTES = 128 << 10;

struct Index {
  unsigned x, y, z;
};

// As declared in device.hpp.
struct Coordinates {
  Index thread, block, block_size, grid;
};

enum class State { RUNNING, WAITS_FOR_WARP, WAITS_FOR_BLOCK, ENDED };

struct Warp {
  int lanes = 0;
  int waiting = 0;
  char exchanged[2][WARP][8];
};

struct Fiber {
  Coordinates coordinates;
  State state;
  Warp *warp;
  int lane;
  bool parity;  // which of the warp's two sets of values its next exchange uses: a fast lane may be one ahead
  std::unique_ptr<char[]> stack;
  ucontext_t start;
  jmp_buf place;
  bool begun = false;
};

struct Grid {
  std::vector<std::unique_ptr<Fiber>> fibers;  // kept from kernel to kernel
  std::vector<Warp> warps;
  unsigned threads = 0;
  unsigned waiting = 0;
  void (*kernel)(void **) = nullptr;
  void **arguments = nullptr;
  Fiber *current = nullptr;
  jmp_buf scheduler;
  ucontext_t before_start;
};

Grid grid;

// Contexts are made once by ucontext; from then on fibers change by longjmp, which makes no system call.
void suspend() {
  if (_setjmp(grid.current->place) == 0) {
    _longjmp(grid.scheduler, 1);
  }
}

void fiber_body() {
  for (;;) {
    grid.kernel(grid.arguments);
    grid.current->state = State::ENDED;
    suspend();
  }
}

void make(Fiber &fiber) {
  fiber.stack.reset(new char[STACK_BYTES]);
  getcontext(&fiber.start);
  fiber.start.uc_stack.ss_sp = fiber.stack.get();
  fiber.start.uc_stack.ss_size = STACK_BYTES;
  fiber.start.uc_link = nullptr;
  makecontext(&fiber.start, fiber_body, 0);
}

}  // namespace

extern "C" {

Coordinates *fake_thread;

int fake_lane() {
  return grid.current->lane;
}

void fake_wait_for_block() {
  grid.current->state = State::WAITS_FOR_BLOCK;
  if (++grid.waiting == grid.threads) {
    grid.waiting = 0;
    for (unsigned i = 0; i < grid.threads; i++) {
      grid.fibers[i]->state = State::RUNNING;
    }
    return;
  }
  suspend();
}

void fake_wait_for_warp() {
  Fiber &fiber = *grid.current;
  fiber.state = State::WAITS_FOR_WARP;
  if (++fiber.warp->waiting == fiber.warp->lanes) {
    fiber.warp->waiting = 0;
    auto first = grid.fibers.begin() + (fiber.warp - grid.warps.data()) * WARP;
    for (int lane = 0; lane < fiber.warp->lanes; lane++) {
      first[lane]->state = State::RUNNING;
    }
    return;
  }
  suspend();
}

void fake_exchange(void *value, int from_lane) {
  Fiber &fiber = *grid.current;
  auto &values = fiber.warp->exchanged[fiber.parity];
  fiber.parity = !fiber.parity;
  memcpy(values[fiber.lane], value, 8);
  fake_wait_for_warp();
  memcpy(value, values[from_lane], 8);
}

}  // extern "C"

static void resume(Fiber &fiber) {
  grid.current = &fiber;
  fake_thread = &fiber.coordinates;
  if (_setjmp(grid.scheduler) == 0) {
    if (fiber.begun) {
      _longjmp(fiber.place, 1);
    }
    fiber.begun = true;
    swapcontext(&grid.before_start, &fiber.start);
  }
}

static void begin_block(Index block) {
  for (Warp &warp : grid.warps) {
    warp.lanes = 0;
    warp.waiting = 0;
  }
  grid.waiting = 0;
  for (unsigned i = 0; i < grid.threads; i++) {
    Fiber &fiber = *grid.fibers[i];
    Index size = fiber.coordinates.block_size;
    fiber.coordinates.thread = {i % size.x, i / size.x % size.y, i / size.x / size.y};
    fiber.coordinates.block = block;
    fiber.state = State::RUNNING;
    fiber.warp = &grid.warps[i / WARP];
    fiber.lane = i % WARP;
    fiber.parity = false;
    fiber.warp->lanes++;
  }
}

static std::string run_block() {
  for (unsigned left = grid.threads; left > 0;) {
    bool moved = false;
    for (unsigned i = 0; i < grid.threads; i++) {
      Fiber &fiber = *grid.fibers[i];
      if (fiber.state == State::RUNNING) {
        resume(fiber);
        moved = true;
        left -= fiber.state == State::ENDED;
      }
    }
    if (!moved) {
      return "threads of a block wait for others that have ended, or wait elsewhere";
    }
  }
  return "";
}

std::string run_grid(void (*kernel)(void **), void **arguments, Dim blocks, Dim block) {
  grid.threads = block.x * block.y * block.z;
  grid.kernel = kernel;
  grid.arguments = arguments;
  grid.warps.resize((grid.threads + WARP - 1) / WARP);
  while (grid.fibers.size() < grid.threads) {
    grid.fibers.push_back(std::make_unique<Fiber>());
    make(*grid.fibers.back());
  }
  for (unsigned i = 0; i < grid.threads; i++) {
    grid.fibers[i]->coordinates.block_size = {block.x, block.y, block.z};
    grid.fibers[i]->coordinates.grid = {blocks.x, blocks.y, blocks.z};
  }
  for (unsigned z = blocks.z; z-- > 0;) {
    for (unsigned y = blocks.y; y-- > 0;) {
      for (unsigned x = blocks.x; x-- > 0;) {
        begin_block({x, y, z});
        std::string failure = run_block();
        if (!failure.empty()) {
          grid.fibers.clear();  // some stand in the middle of a kernel
          return failure;
        }
      }
    }
  }
  return "";
}
