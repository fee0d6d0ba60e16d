/* Nanoseconds of a product of 1×1 matrices called from C: what ForeignCallBenchmark is compared with.
 *
 *   gcc -O2 cblas_call.c -o cblas_call -ldl && ./cblas_call PATH/libopenblas.so.0
 */
#include <dlfcn.h>
#include <stdio.h>
#include <time.h>

typedef void (*sgemm)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

int main(int count, char **arguments) {
  void *library = count == 2 ? dlopen(arguments[1], RTLD_NOW) : NULL;
  if (!library) {
    fprintf(stderr, "usage: cblas_call LIBRARY\n");
    return 2;
  }
  sgemm product = (sgemm) dlsym(library, "cblas_sgemm");
  int (*threads)(void) = (int (*)(void)) dlsym(library, "openblas_get_num_threads");
  ((void (*)(int)) dlsym(library, "openblas_set_num_threads"))(1);
  float a = 2, b = 3, c = 0;
  const int calls = 2000000;
  for (int round = 0; round < 5; round++) {
    double start = seconds();
    for (int i = 0; i < calls; i++) {
      product(101, 111, 111, 1, 1, 1, 1, &a, 1, &b, 1, 0, &c, 1);
    }
    double between = seconds();
    int sum = 0;
    for (int i = 0; i < calls; i++) {
      sum += threads();
    }
    double end = seconds();
    printf("cblas_sgemm 1x1x1 %.1f ns, openblas_get_num_threads %.1f ns (%g %d)\n",
        (between - start) / calls * 1e9, (end - between) / calls * 1e9, c, sum);
  }
  return 0;
}
