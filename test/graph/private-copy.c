// A program that keeps an XNNPACK of its own to itself, as plug-ins and wheels do; preload-test.sh preloads our
// library into it. Prints the softmax of 1, 2, 3 on two threads.
// Usage: private-copy XNNPACK_LIBRARY [deepbind]

#include <dlfcn.h>
#include <stdio.h>

#include <pthreadpool.h>
#include <xnnpack.h>

#define LOAD(function) __typeof__(&function) my_##function = (__typeof__(&function)) dlsym(library, #function)

int main(int argc, char** argv)
{
  const int flags = RTLD_NOW | RTLD_LOCAL | (argc == 3 ? RTLD_DEEPBIND : 0);
  void* library = argc > 1 ? dlopen(argv[1], flags) : NULL;
  if (library == NULL) {
    fprintf(stderr, "cannot load XNNPACK: %s\n", argc > 1 ? dlerror() : "no path given");
    return 1;
  }
  LOAD(pthreadpool_create);
  LOAD(pthreadpool_destroy);
  LOAD(xnn_initialize);
  LOAD(xnn_create_subgraph);
  LOAD(xnn_define_tensor_value);
  LOAD(xnn_define_softmax);
  LOAD(xnn_create_runtime_v2);
  LOAD(xnn_setup_runtime);
  LOAD(xnn_invoke_runtime);
  LOAD(xnn_delete_runtime);
  LOAD(xnn_delete_subgraph);

  const size_t shape[2] = {1, 3};
  float input[3 + XNN_EXTRA_BYTES / sizeof(float)] = {1.0f, 2.0f, 3.0f};
  float output[3 + XNN_EXTRA_BYTES / sizeof(float)];
  uint32_t input_id;
  uint32_t output_id;
  xnn_subgraph_t subgraph = NULL;
  xnn_runtime_t runtime = NULL;
  pthreadpool_t threadpool = my_pthreadpool_create(2);
  enum xnn_status status = my_xnn_initialize(NULL);
  status |= my_xnn_create_subgraph(2, 0, &subgraph);
  status |= my_xnn_define_tensor_value(
      subgraph, xnn_datatype_fp32, 2, shape, NULL, 0, XNN_VALUE_FLAG_EXTERNAL_INPUT, &input_id);
  status |= my_xnn_define_tensor_value(
      subgraph, xnn_datatype_fp32, 2, shape, NULL, 1, XNN_VALUE_FLAG_EXTERNAL_OUTPUT, &output_id);
  status |= my_xnn_define_softmax(subgraph, input_id, output_id, 0);
  status |= my_xnn_create_runtime_v2(subgraph, threadpool, 0, &runtime);
  const struct xnn_external_value values[2] = {{input_id, input}, {output_id, output}};
  status |= my_xnn_setup_runtime(runtime, 2, values);
  status |= my_xnn_invoke_runtime(runtime);
  printf("status %d: %.4f %.4f %.4f\n", (int) status, (double) output[0], (double) output[1], (double) output[2]);
  my_xnn_delete_runtime(runtime);
  my_xnn_delete_subgraph(subgraph);
  my_pthreadpool_destroy(threadpool);
  return 0;
}
