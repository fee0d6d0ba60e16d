// A look-alike of libnvrtc.so.13 that compiles for the CPU by g++: the "cubin" is a shared library, which the fake
// driver loads. DEVICE_HEADER is the path of device.hpp.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <vector>

namespace {

enum Result { SUCCESS = 0, INVALID_INPUT = 3, INVALID_OPTION = 5, COMPILATION = 6 };

struct Program {
  std::string source;
  std::map<std::string, std::string> headers;
  std::string log;
  std::string cubin;
};

// What was compiled before in this process, by all that it depends on.
std::map<std::string, std::string> compiled;

std::string folder_of_this_library() {
  Dl_info info;
  dladdr((void *) folder_of_this_library, &info);
  std::string path = info.dli_fname;
  return path.substr(0, path.rfind('/'));
}

// The source with a declaration after each kernel's beginning by which the driver will find it. Kernels may stand under
// conditions: each is declared beside its text, and registered at the end if it is there.
std::string with_registrations(const std::string &source) {
  static const std::string KERNEL = "extern \"C\" __global__ void ";
  std::string result, end;
  size_t copied = 0;
  for (size_t at = source.find(KERNEL); at != std::string::npos; at = source.find(KERNEL, at + 1)) {
    size_t name = at + KERNEL.size();
    if (source.compare(name, 17, "__launch_bounds__") == 0) {
      name = source.find(") ", name) + 2;
    }
    std::string kernel = source.substr(name, source.find('(', name) - name);
    result += source.substr(copied, at - copied) + "\n#define FAKE_HAS_" + kernel + "\n";
    end += "\n#ifdef FAKE_HAS_" + kernel + "\nFAKE_KERNEL(" + kernel + ")\n#endif";
    copied = at;
  }
  return result + source.substr(copied) + end + "\n";
}

std::string contents(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

extern "C" {

int nvrtcVersion(int *major, int *minor) {
  *major = 13;
  *minor = 0;
  return SUCCESS;
}

const char *nvrtcGetErrorString(int result) {
  switch (result) {
    case SUCCESS: return "NVRTC_SUCCESS";
    case INVALID_INPUT: return "NVRTC_ERROR_INVALID_INPUT";
    case INVALID_OPTION: return "NVRTC_ERROR_INVALID_OPTION";
    case COMPILATION: return "NVRTC_ERROR_COMPILATION";
    default: return "NVRTC_ERROR unknown";
  }
}

int nvrtcCreateProgram(
    Program **program, const char *source, const char *, int headers, const char *const *texts,
    const char *const *names) {
  *program = new Program{source, {}, "", ""};
  for (int i = 0; i < headers; i++) {
    (*program)->headers[names[i]] = texts[i];
  }
  return SUCCESS;
}

int nvrtcCompileProgram(Program *program, int count, const char *const *options) {
  std::string defines;
  for (int i = 0; i < count; i++) {
    std::string option = options[i];
    if (option.rfind("-", 0) != 0) {
      program->log = "unrecognized option " + option + "\n";
      return INVALID_OPTION;
    }
    if (option.rfind("-D", 0) == 0) {
      defines += " '" + option + "'";
    }
  }
  std::string key = defines + '\0' + program->source;
  for (auto &[name, text] : program->headers) {
    key += '\0' + name + '\0' + text;
  }
  auto known = compiled.find(key);
  if (known != compiled.end()) {
    program->cubin = known->second;
    return SUCCESS;
  }
  char folder[] = "/tmp/fake-nvrtc-XXXXXX";
  if (!mkdtemp(folder)) {
    return INVALID_INPUT;
  }
  std::string path = folder;
  for (auto &[name, text] : program->headers) {
    std::ofstream(path + "/" + name) << text;
  }
  std::ofstream(path + "/kernels.cpp") << "#line 1 \"kernels.cu\"\n" << with_registrations(program->source);
  // No fused multiply-add: results do not depend on the machine.
  std::string command = "g++ -std=c++17 -O1 -w -shared -fPIC -ffp-contract=off -fno-strict-aliasing -include "
      DEVICE_HEADER + defines + " " + path + "/kernels.cpp -L'" + folder_of_this_library()
      + "' -l:libcuda.so.1 -o " + path + "/kernels.so > " + path + "/log 2>&1";
  int status = system(command.c_str());
  program->log = contents(path + "/log");
  std::string library = contents(path + "/kernels.so");
  (void) !system(("rm -r " + path).c_str());
  if (!WIFEXITED(status) || WEXITSTATUS(status)) {
    return COMPILATION;
  }
  uint64_t bytes = library.size();
  program->cubin = "FAKECUBN" + std::string((const char *) &bytes, 8) + library;
  compiled[key] = program->cubin;
  return SUCCESS;
}

int nvrtcDestroyProgram(Program **program) {
  delete *program;
  *program = nullptr;
  return SUCCESS;
}

int nvrtcGetProgramLogSize(Program *program, size_t *size) {
  *size = program->log.size() + 1;
  return SUCCESS;
}

int nvrtcGetProgramLog(Program *program, char *log) {
  strcpy(log, program->log.c_str());
  return SUCCESS;
}

int nvrtcGetCUBINSize(Program *program, size_t *size) {
  *size = program->cubin.size();
  return SUCCESS;
}

int nvrtcGetCUBIN(Program *program, char *cubin) {
  memcpy(cubin, program->cubin.data(), program->cubin.size());
  return SUCCESS;
}

int nvrtcGetNumSupportedArchs(int *count) {
  *count = 1;
  return SUCCESS;
}

int nvrtcGetSupportedArchs(int *architectures) {
  architectures[0] = 90;
  return SUCCESS;
}

}  // extern "C"
