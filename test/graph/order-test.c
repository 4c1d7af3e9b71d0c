// A program with XNNPACK that loads our library too late: XNNPACK would never call it, so xnnx_define_softmax must say
// so instead of leaving the node to XNNPACK in silence.
// Usage: order-test LIBRARY

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <xnnpack.h>

typedef enum xnn_status (*define_function)(xnn_subgraph_t, uint32_t, uint32_t, uint32_t);
typedef const char* (*last_error_function)(void);

int main(int argc, char** argv)
{
  void* library = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
  if (library == NULL) {
    fprintf(stderr, "FAILED: cannot load the library: %s\n", argc == 2 ? dlerror() : "no path given");
    return 1;
  }
  const define_function define = (define_function) dlsym(library, "xnnx_define_softmax");
  const last_error_function last_error = (last_error_function) dlsym(library, "xnnx_last_error");
  xnn_subgraph_t subgraph = NULL;
  if (define == NULL || last_error == NULL || xnn_initialize(NULL) != xnn_status_success ||
      xnn_create_subgraph(0, 0, &subgraph) != xnn_status_success) {
    fprintf(stderr, "FAILED: cannot set up the test\n");
    return 1;
  }
  const enum xnn_status status = define(subgraph, 0, 1, 0);
  const int is_as_expected = status == xnn_status_invalid_state && strstr(last_error(), "symbol order") != NULL;
  printf("%s: status %d, \"%s\"\n", is_as_expected ? "PASSED" : "FAILED", (int) status, last_error());
  xnn_delete_subgraph(subgraph);
  return is_as_expected ? 0 : 1;
}
