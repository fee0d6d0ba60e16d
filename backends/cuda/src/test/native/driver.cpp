// A look-alike of libcuda.so.1 with one device whose memory is the process's own and whose kernels run on the CPU, as
// late as they may: when somebody waits for them. It holds callers to the rules that a device would punish: sizes of
// launches, ranges of copies, host memory that must stay as it is until a copy was made, what may be called while a
// stream is recorded. Functions named fake_… are for tests: counts and order of calls, faults to come.
#include "driver.hpp"
#include "threads.hpp"
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <dlfcn.h>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace {

enum Result {
  SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_INITIALIZED = 3, NO_DEVICE = 100, INVALID_DEVICE = 101,
  INVALID_IMAGE = 200, INVALID_CONTEXT = 201, INVALID_HANDLE = 400, NOT_FOUND = 500, LAUNCH_FAILED = 719,
  CAPTURE_UNSUPPORTED = 900, CAPTURE_INVALIDATED = 901, CAPTURE_UNJOINED = 904, GRAPH_UPDATE_FAILED = 910
};

constexpr size_t ALIGNMENT = 256;
constexpr size_t POISONED = 64 << 20;  // up to this size, new memory is filled with numbers that are none
constexpr int SHARED_BYTES = 48 << 10;
constexpr int SHARED_BYTES_OPT_IN = 227 << 10;

struct Graph {
  std::vector<std::pair<std::string, std::function<int()>>> nodes;
  std::set<void *> unjoined;
  bool broken = false;
};

struct Stream {
  Graph *recording = nullptr;
  bool began_here = false;
  std::deque<std::function<int()>> queue;
  long done = 0;
};

struct Event {
  Stream *stream = nullptr;
  long place = 0;  // how much of the stream is done when it is reached
  Graph *recording = nullptr;
  std::chrono::steady_clock::time_point time;
};

// As declared in device.hpp.
struct Kernel {
  void (*run)(void **);
  const size_t *sizes;
  size_t arguments;
};

struct Function {
  std::string name;
  const Kernel *kernel;
  int dynamic_shared = SHARED_BYTES;
};

struct Module {
  void *library;
  std::map<std::string, Function> functions;
};

struct Fault {
  int result;
  long after;
  bool lasting;
};

struct Device {
  std::recursive_mutex mutex;
  bool initialized = false;
  int devices = 1;
  int lost = SUCCESS;
  long memory = 4L << 30;
  long used = 0;
  std::map<uint64_t, size_t> allocations;
  std::map<std::string, long> calls;
  std::map<std::string, long> kernels;
  std::map<std::string, Fault> faults;
  std::set<Stream *> recording;
  std::set<Stream *> streams;
  bool noting = false;
  std::string notes;
  thread_local static void *context;
};

thread_local void *Device::context = nullptr;
Device device;
char primary_context;

// What may not be called while any stream is recorded: it would wait, or work outside the graph.
const std::set<std::string> BREAKS_RECORDING = {
  "cuMemAlloc_v2", "cuMemFree_v2", "cuMemHostAlloc", "cuMemFreeHost", "cuMemHostRegister_v2", "cuCtxSynchronize",
  "cuMemcpyHtoD_v2", "cuMemcpyDtoH_v2", "cuModuleLoadData", "cuModuleUnload"};

// Counts a call; what it must return at once, if anything.
int enter(const char *function, bool needs_context) {
  device.calls[function]++;
  if (device.noting) {
    device.notes += std::string(function) + "\n";
  }
  auto fault = device.faults.find(function);
  if (fault != device.faults.end() && fault->second.after-- <= 0) {
    int result = fault->second.result;
    if (fault->second.lasting) {
      device.lost = result;
    }
    device.faults.erase(fault);
    return result;
  }
  if (!device.initialized) {
    return NOT_INITIALIZED;
  }
  if (device.lost) {
    return device.lost;
  }
  if (needs_context && !Device::context) {
    return INVALID_CONTEXT;
  }
  if (!device.recording.empty() && BREAKS_RECORDING.count(function)) {
    for (Stream *stream : device.recording) {
      stream->recording->broken = true;
    }
    return CAPTURE_UNSUPPORTED;
  }
  return SUCCESS;
}

#define ENTER(needs_context)                                        \
  std::lock_guard<std::recursive_mutex> lock(device.mutex);         \
  if (int status = enter(__func__, needs_context)) {                \
    return status;                                                  \
  }

bool in_memory(uint64_t address, size_t bytes) {
  auto next = device.allocations.upper_bound(address);
  if (bytes == 0) {
    return true;
  }
  if (next == device.allocations.begin()) {
    return false;
  }
  auto [first, size] = *--next;
  return address - first <= size && bytes <= size - (address - first);
}

int submit(Stream *stream, const char *what, std::function<int()> work) {
  if (!stream) {
    return INVALID_HANDLE;  // the default stream orders itself against all others: not wanted
  }
  if (stream->recording) {
    stream->recording->nodes.emplace_back(what, std::move(work));
    return stream->recording->broken ? CAPTURE_INVALIDATED : SUCCESS;
  }
  stream->queue.push_back(std::move(work));
  return SUCCESS;
}

// Runs what is queued in a stream until so much of it is done. Returns what the device is lost by, if it is.
int run(Stream *stream, long place) {
  while (device.streams.count(stream) && !device.lost && stream->done < place) {
    std::function<int()> work = std::move(stream->queue.front());
    stream->queue.pop_front();
    stream->done++;
    device.lost = work();
  }
  return device.lost;
}

int run(Stream *stream) {
  return run(stream, stream->done + (long) stream->queue.size());
}

int run_all() {
  for (Stream *stream : device.streams) {
    run(stream);
  }
  return device.lost;
}

int copy(uint64_t to, uint64_t from, size_t bytes, bool to_device, bool from_device) {
  if ((to_device && !in_memory(to, bytes)) || (from_device && !in_memory(from, bytes))) {
    fprintf(stderr, "fake driver: copy of %zu bytes from %lx to %lx leaves the device's memory\n", bytes, from, to);
    return INVALID_VALUE;
  }
  memmove((void *) to, (void *) from, bytes);
  return SUCCESS;
}

int copy_in_order(
    const char *what, Stream *stream, uint64_t to, uint64_t from, size_t bytes, bool to_device, bool from_device) {
  if ((to_device && !in_memory(to, bytes)) || (from_device && !in_memory(from, bytes))) {
    return INVALID_VALUE;
  }
  return submit(stream, what, [=] { return copy(to, from, bytes, to_device, from_device); });
}

template <class T> int set(const char *what, Stream *stream, uint64_t to, T value, size_t count) {
  if (!in_memory(to, count * sizeof(T)) || to % sizeof(T)) {
    return INVALID_VALUE;
  }
  return submit(stream, what, [=] {
    std::fill_n((T *) to, count, value);
    return SUCCESS;
  });
}

int allocate(uint64_t *address, size_t bytes) {
  if (bytes == 0) {
    return INVALID_VALUE;
  }
  if ((long) bytes > device.memory - device.used) {
    return OUT_OF_MEMORY;
  }
  void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    return OUT_OF_MEMORY;
  }
  if (bytes <= POISONED) {
    memset(memory, 0xff, bytes);
  }
  device.used += bytes;
  device.allocations[*address = (uint64_t) memory] = bytes;
  return SUCCESS;
}

int release(uint64_t address) {
  if (address == 0) {
    return SUCCESS;
  }
  auto found = device.allocations.find(address);
  if (found == device.allocations.end()) {
    return INVALID_VALUE;
  }
  munmap((void *) address, found->second);
  device.used -= found->second;
  device.allocations.erase(found);
  return SUCCESS;
}

int launch(Function *function, Dim grid, Dim block, unsigned shared, Stream *stream, void **arguments) {
  unsigned long threads = (unsigned long) block.x * block.y * block.z;
  if (!function || grid.x == 0 || grid.y == 0 || grid.z == 0 || threads == 0 || threads > 1024
      || grid.x > 0x7fffffff || grid.y > 65535 || grid.z > 65535 || (int) shared > function->dynamic_shared) {
    fprintf(stderr, "fake driver: %s refuses grid %u %u %u, block %u %u %u, %u shared bytes\n",
        function ? function->name.c_str() : "no function", grid.x, grid.y, grid.z, block.x, block.y, block.z, shared);
    return INVALID_VALUE;
  }
  std::vector<std::vector<char>> values;
  for (size_t i = 0; i < function->kernel->arguments; i++) {
    const char *bytes = (const char *) arguments[i];
    values.emplace_back(bytes, bytes + function->kernel->sizes[i]);
  }
  return submit(stream, function->name.c_str(), [=]() mutable -> int {
    device.kernels[function->name]++;
    std::vector<void *> pointers;
    for (auto &value : values) {
      pointers.push_back(value.data());
    }
    std::string failure = run_grid(function->kernel->run, pointers.data(), grid, block);
    if (!failure.empty()) {
      fprintf(stderr, "fake driver: kernel %s: %s\n", function->name.c_str(), failure.c_str());
      return LAUNCH_FAILED;
    }
    return SUCCESS;
  });
}

const std::map<int, std::pair<const char *, const char *>> TEXTS = {
  {SUCCESS, {"CUDA_SUCCESS", "no error"}},
  {INVALID_VALUE, {"CUDA_ERROR_INVALID_VALUE", "invalid argument"}},
  {OUT_OF_MEMORY, {"CUDA_ERROR_OUT_OF_MEMORY", "out of memory"}},
  {NOT_INITIALIZED, {"CUDA_ERROR_NOT_INITIALIZED", "initialization error"}},
  {NO_DEVICE, {"CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"}},
  {INVALID_DEVICE, {"CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"}},
  {INVALID_IMAGE, {"CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"}},
  {INVALID_CONTEXT, {"CUDA_ERROR_INVALID_CONTEXT", "invalid device context"}},
  {INVALID_HANDLE, {"CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"}},
  {NOT_FOUND, {"CUDA_ERROR_NOT_FOUND", "named symbol not found"}},
  {700, {"CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"}},
  {LAUNCH_FAILED, {"CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}},
  {CAPTURE_UNSUPPORTED, {"CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"}},
  {CAPTURE_INVALIDATED, {"CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during "
      "capture"}},
  {CAPTURE_UNJOINED, {"CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"}},
  {GRAPH_UPDATE_FAILED, {"CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE", "the graph update was not performed because it "
      "included changes which violated constraints specific to instantiated graph update"}}};

}  // namespace

int fake_submit(void *stream, const char *what, std::function<void()> work) {
  std::lock_guard<std::recursive_mutex> lock(device.mutex);
  return submit((Stream *) stream, what, [work] {
    work();
    return SUCCESS;
  });
}

extern "C" {

// ---- for tests

// As if nothing had been called yet; memory still held stays held.
void fake_reset() {
  device.calls.clear();
  device.kernels.clear();
  device.faults.clear();
  for (Stream *stream : device.streams) {
    stream->queue.clear();  // of backends that lost their device
  }
  device.noting = false;
  device.lost = SUCCESS;
  device.memory = 4L << 30;
  device.devices = 1;
}

// How often a function of the driver was called.
long fake_calls(const char *function) {
  auto found = device.calls.find(function);
  return found == device.calls.end() ? 0 : found->second;
}

// From now on the names of functions that are called are noted.
void fake_note() {
  device.noting = true;
  device.notes.clear();
}

// What was noted, a line for each call.
const char *fake_notes() {
  device.noting = false;
  return device.notes.c_str();
}

// How often a kernel ran, launched or in a graph.
long fake_kernel_runs(const char *kernel) {
  auto found = device.kernels.find(kernel);
  return found == device.kernels.end() ? 0 : found->second;
}

// The function will return this result once, after so many calls that succeed; if lasting, so will every other call
// from then on, as of a device that is lost.
void fake_fail(const char *function, int result, long after, int lasting) {
  device.faults[function] = {result, after, lasting != 0};
}

void fake_set_memory(long bytes) {
  device.memory = bytes;
}

void fake_set_devices(int count) {
  device.devices = count;
}

long fake_bytes_held() {
  return device.used;
}

// ---- initialisation, device, context

int cuInit(unsigned) {
  std::lock_guard<std::recursive_mutex> lock(device.mutex);
  device.initialized = device.devices > 0;
  int status = enter(__func__, false);
  return status == NOT_INITIALIZED ? NO_DEVICE : status;
}

int cuDriverGetVersion(int *version) {
  *version = 13000;
  return SUCCESS;
}

int cuGetErrorName(int result, const char **text) {
  auto found = TEXTS.find(result);
  *text = found == TEXTS.end() ? nullptr : found->second.first;
  return *text ? SUCCESS : INVALID_VALUE;
}

int cuGetErrorString(int result, const char **text) {
  auto found = TEXTS.find(result);
  *text = found == TEXTS.end() ? nullptr : found->second.second;
  return *text ? SUCCESS : INVALID_VALUE;
}

int cuDeviceGetCount(int *count) {
  ENTER(false)
  *count = device.devices;
  return SUCCESS;
}

int cuDeviceGet(int *handle, int ordinal) {
  ENTER(false)
  *handle = ordinal;
  return ordinal >= 0 && ordinal < device.devices ? SUCCESS : INVALID_DEVICE;
}

int cuDeviceGetName(char *name, int length, int) {
  ENTER(false)
  snprintf(name, length, "Fake device");
  return SUCCESS;
}

int cuDeviceGetUuid_v2(char *uuid, int) {
  ENTER(false)
  memcpy(uuid, "fake device 0000", 16);
  return SUCCESS;
}

int cuDeviceGetAttribute(int *value, int attribute, int) {
  ENTER(false)
  static const std::map<int, int> VALUES = {
    {1, 1024}, {8, SHARED_BYTES}, {10, 32}, {13, 1000000}, {16, 4}, {36, 1000000}, {37, 512}, {38, 1 << 20},
    {39, 2048}, {75, 9}, {76, 0}, {81, 228 << 10}, {97, SHARED_BYTES_OPT_IN}};
  auto found = VALUES.find(attribute);
  *value = found == VALUES.end() ? 1 : found->second;
  return SUCCESS;
}

int cuDeviceTotalMem_v2(size_t *bytes, int) {
  ENTER(false)
  *bytes = device.memory;
  return SUCCESS;
}

int cuDevicePrimaryCtxRetain(void **context, int) {
  ENTER(false)
  *context = &primary_context;
  return SUCCESS;
}

int cuCtxSetCurrent(void *context) {
  ENTER(false)
  Device::context = context;
  return SUCCESS;
}

int cuCtxGetCurrent(void **context) {
  ENTER(false)
  *context = Device::context;
  return SUCCESS;
}

int cuCtxGetStreamPriorityRange(int *least, int *greatest) {
  ENTER(true)
  *least = 0;
  *greatest = -5;
  return SUCCESS;
}

// ---- what has nothing to do here

#define NOTHING_TO_DO(name, needs_context, ...) \
  int name(__VA_ARGS__) {                       \
    ENTER(needs_context)                        \
    return SUCCESS;                             \
  }
NOTHING_TO_DO(cuDevicePrimaryCtxSetFlags_v2, false, int, unsigned)
NOTHING_TO_DO(cuDevicePrimaryCtxRelease_v2, false, int)
NOTHING_TO_DO(cuMemPoolSetAttribute, true, void *, int, void *)
NOTHING_TO_DO(cuMemHostRegister_v2, true, void *, size_t, unsigned)
NOTHING_TO_DO(cuMemHostUnregister, true, void *)
NOTHING_TO_DO(cuFuncLoad, true, Function *)
NOTHING_TO_DO(cuGraphUpload, true, Graph *, Stream *)

int cuCtxSynchronize() {
  ENTER(true)
  return run_all();
}

// ---- memory

int cuMemGetInfo_v2(size_t *free, size_t *total) {
  ENTER(true)
  *free = device.memory - device.used;
  *total = device.memory;
  return SUCCESS;
}

int cuMemAlloc_v2(uint64_t *address, size_t bytes) {
  ENTER(true)
  return allocate(address, bytes);
}

int cuMemFree_v2(uint64_t address) {
  ENTER(true)
  int status = run_all();
  return status ? status : release(address);
}

int cuMemAllocAsync(uint64_t *address, size_t bytes, Stream *) {
  ENTER(true)
  return allocate(address, bytes);
}

int cuMemFreeAsync(uint64_t address, Stream *stream) {
  ENTER(true)
  int status = run(stream);
  return status ? status : release(address);
}

int cuDeviceGetDefaultMemPool(void **pool, int) {
  ENTER(false)
  *pool = &primary_context;
  return SUCCESS;
}

int cuMemHostAlloc(void **memory, size_t bytes, unsigned) {
  ENTER(true)
  *memory = malloc(bytes);
  return SUCCESS;
}

int cuMemFreeHost(void *memory) {
  ENTER(true)
  free(memory);
  return SUCCESS;
}

int cuMemcpyHtoD_v2(uint64_t to, uint64_t from, size_t bytes) {
  ENTER(true)
  return copy(to, from, bytes, true, false);
}

int cuMemcpyDtoH_v2(uint64_t to, uint64_t from, size_t bytes) {
  ENTER(true)
  return copy(to, from, bytes, false, true);
}

int cuMemcpyHtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, Stream *stream) {
  ENTER(true)
  return copy_in_order(__func__, stream, to, from, bytes, true, false);
}

int cuMemcpyDtoHAsync_v2(uint64_t to, uint64_t from, size_t bytes, Stream *stream) {
  ENTER(true)
  return copy_in_order(__func__, stream, to, from, bytes, false, true);
}

int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, Stream *stream) {
  ENTER(true)
  return copy_in_order(__func__, stream, to, from, bytes, true, true);
}

int cuMemsetD8Async(uint64_t to, uint8_t value, size_t count, Stream *stream) {
  ENTER(true)
  return set(__func__, stream, to, value, count);
}

int cuMemsetD16Async(uint64_t to, uint16_t value, size_t count, Stream *stream) {
  ENTER(true)
  return set(__func__, stream, to, value, count);
}

int cuMemsetD32Async(uint64_t to, uint32_t value, size_t count, Stream *stream) {
  ENTER(true)
  return set(__func__, stream, to, value, count);
}

// ---- streams and events

int cuStreamCreateWithPriority(Stream **stream, unsigned, int) {
  ENTER(true)
  device.streams.insert(*stream = new Stream());
  return SUCCESS;
}

int cuStreamDestroy_v2(Stream *stream) {
  ENTER(true)
  int status = run(stream);
  device.recording.erase(stream);
  device.streams.erase(stream);
  delete stream;
  return status;
}

// Waiting for a stream that is being recorded would be for ever.
static int wait(Stream *stream) {
  if (stream && stream->recording) {
    stream->recording->broken = true;
    return CAPTURE_UNSUPPORTED;
  }
  return run(stream);
}

int cuStreamSynchronize(Stream *stream) {
  ENTER(true)
  return wait(stream);
}

int cuStreamQuery(Stream *stream) {
  ENTER(true)
  return wait(stream);
}

int cuStreamWaitEvent(Stream *stream, Event *event, unsigned) {
  ENTER(true)
  if (event->recording && !stream->recording) {
    stream->recording = event->recording;
    device.recording.insert(stream);
    event->recording->unjoined.insert(stream);
  } else if (event->recording) {
    event->recording->unjoined.erase(event->stream);
  } else {
    return run(event->stream, event->place);
  }
  return SUCCESS;
}

int cuEventCreate(Event **event, unsigned) {
  ENTER(true)
  *event = new Event();
  return SUCCESS;
}

int cuEventDestroy_v2(Event *event) {
  ENTER(true)
  int status = run(event->stream, event->place);
  delete event;
  return status;
}

int cuEventRecord(Event *event, Stream *stream) {
  ENTER(true)
  event->stream = stream;
  event->recording = stream->recording;
  event->place = stream->done + (long) stream->queue.size() + 1;
  return submit(stream, __func__, [=] {
    event->time = std::chrono::steady_clock::now();
    return SUCCESS;
  });
}

int cuEventSynchronize(Event *event) {
  ENTER(true)
  return event->recording ? CAPTURE_UNSUPPORTED : run(event->stream, event->place);
}

int cuEventQuery(Event *event) {
  ENTER(true)
  return event->recording ? CAPTURE_UNSUPPORTED : run(event->stream, event->place);
}

int cuEventElapsedTime_v2(float *milliseconds, Event *from, Event *to) {
  ENTER(true)
  *milliseconds = std::chrono::duration<float, std::milli>(to->time - from->time).count();
  return SUCCESS;
}

// ---- modules and launches

// The compiler's stand-in begins an image with these, then its size; then comes a shared library.
static const char MAGIC[] = "FAKECUBN";

int cuModuleLoadData(Module **module, const char *image) {
  ENTER(true)
  if (memcmp(image, MAGIC, 8)) {
    return INVALID_IMAGE;
  }
  uint64_t bytes;
  memcpy(&bytes, image + 8, 8);
  char path[] = "/tmp/fake-module-XXXXXX";
  int file = mkstemp(path);
  bool written = file >= 0 && write(file, image + 16, bytes) == (ssize_t) bytes;
  close(file);
  void *library = written ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
  unlink(path);
  if (!library) {
    fprintf(stderr, "fake driver: %s\n", written ? dlerror() : "cannot write a module");
    return INVALID_IMAGE;
  }
  *module = new Module{library, {}};
  return SUCCESS;
}

int cuModuleUnload(Module *module) {
  ENTER(true)
  dlclose(module->library);
  delete module;
  return SUCCESS;
}

int cuModuleGetFunction(Function **function, Module *module, const char *name) {
  ENTER(true)
  auto *kernel = (const Kernel *) dlsym(module->library, (std::string("fake_kernel_") + name).c_str());
  if (!kernel) {
    return NOT_FOUND;
  }
  *function = &module->functions.try_emplace(name, Function{name, kernel}).first->second;
  return SUCCESS;
}

int cuFuncSetAttribute(Function *function, int attribute, int value) {
  ENTER(true)
  if (attribute == 8) {  // MAX_DYNAMIC_SHARED_SIZE_BYTES
    if (value > SHARED_BYTES_OPT_IN) {
      return INVALID_VALUE;
    }
    function->dynamic_shared = value;
  }
  return SUCCESS;
}

int cuFuncGetAttribute(int *value, int attribute, Function *function) {
  ENTER(true)
  *value = attribute == 0 ? 1024 : attribute == 8 ? function->dynamic_shared : 0;
  return SUCCESS;
}

int cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, Function *, int, size_t) {
  ENTER(true)
  *blocks = 2;
  return SUCCESS;
}

int cuLaunchKernel(
    Function *function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
    unsigned block_z, unsigned shared, Stream *stream, void **arguments, void **) {
  ENTER(true)
  return launch(function, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared, stream, arguments);
}

int cuLaunchCooperativeKernel(
    Function *function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
    unsigned block_z, unsigned shared, Stream *stream, void **arguments) {
  ENTER(true)
  return launch(function, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared, stream, arguments);
}

// ---- graphs

int cuStreamBeginCapture_v2(Stream *stream, int) {
  ENTER(true)
  if (!stream || stream->recording) {
    return INVALID_VALUE;
  }
  stream->recording = new Graph();
  stream->began_here = true;
  device.recording.insert(stream);
  return SUCCESS;
}

int cuStreamEndCapture(Stream *stream, Graph **graph) {
  ENTER(true)
  if (!stream->recording || !stream->began_here) {
    return INVALID_VALUE;
  }
  Graph *recorded = stream->recording;
  for (auto it = device.recording.begin(); it != device.recording.end();) {
    bool same = (*it)->recording == recorded;
    if (same) {
      (*it)->recording = nullptr;
      (*it)->began_here = false;
    }
    it = same ? device.recording.erase(it) : std::next(it);
  }
  int status = recorded->broken ? CAPTURE_INVALIDATED : recorded->unjoined.empty() ? SUCCESS : CAPTURE_UNJOINED;
  if (status) {
    delete recorded;
    recorded = nullptr;
  }
  *graph = recorded;
  return status;
}

int cuStreamIsCapturing(Stream *stream, int *status) {
  ENTER(true)
  *status = !stream->recording ? 0 : stream->recording->broken ? 2 : 1;
  return SUCCESS;
}

int cuGraphInstantiateWithFlags(Graph **exec, Graph *graph, unsigned long long) {
  ENTER(true)
  *exec = new Graph(*graph);
  return SUCCESS;
}

int cuGraphExecUpdate_v2(Graph *exec, Graph *graph, int *info) {
  ENTER(true)
  bool same = exec->nodes.size() == graph->nodes.size();
  for (size_t i = 0; same && i < exec->nodes.size(); i++) {
    same = exec->nodes[i].first == graph->nodes[i].first;
  }
  info[0] = same ? 0 : 2;  // TOPOLOGY_CHANGED
  if (!same) {
    return GRAPH_UPDATE_FAILED;
  }
  *exec = *graph;
  return SUCCESS;
}

int cuGraphLaunch(Graph *exec, Stream *stream) {
  ENTER(true)
  for (auto &[what, work] : exec->nodes) {
    if (int status = submit(stream, what.c_str(), work)) {
      return status;
    }
  }
  return SUCCESS;
}

int cuGraphExecDestroy(Graph *exec) {
  ENTER(true)
  delete exec;
  return SUCCESS;
}

int cuGraphDestroy(Graph *graph) {
  ENTER(true)
  delete graph;
  return SUCCESS;
}

int cuGraphGetNodes(Graph *graph, void **, size_t *count) {
  ENTER(true)
  *count = graph->nodes.size();
  return SUCCESS;
}

int cuGraphDebugDotPrint(Graph *graph, const char *path, unsigned) {
  ENTER(true)
  FILE *file = fopen(path, "w");
  if (!file) {
    return INVALID_VALUE;
  }
  fprintf(file, "digraph {\n");
  for (size_t i = 0; i < graph->nodes.size(); i++) {
    fprintf(file, "  %zu [label=\"%s\"];\n", i, graph->nodes[i].first.c_str());
  }
  fprintf(file, "}\n");
  fclose(file);
  return SUCCESS;
}

}  // extern "C"
