#!/bin/bash
# Which XNNPACK and which pthreadpool our library finds: with other libraries around it, it is those that are called without it.
# Usage: scopes-test.sh LIBRARY PROGRAM HEADER
set -u

library=$(realpath "$1")
program=$(realpath "$2")
include=$(dirname "$(realpath "$3")")
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
failures=0

fail() {
  echo "FAILED: $1"
  failures=$((failures + 1))
}

# expect NAME OUTPUT COMMAND...: the command prints that, within a minute.
expect() {
  local name=$1 expected=$2 output
  shift 2
  output=$(timeout 60 "$@" 2>&1) || fail "$name: status $?"
  [ "$output" = "$expected" ] || fail "$name: $output"
}

# build NAME [OPTION]...: of the C program or library on standard input.
# shellcheck disable=SC2086  # several flags
build() {
  local name=$1
  shift
  gcc -O2 -D_GNU_SOURCE ${SANITIZER_FLAGS:-} -x c - -x none -o "$temporary/$name" -Wl,--no-as-needed "$@" || fail "$name: not built"
}

# Opens libraries, one after the other, and prints the status of the last one's function.
build opener -ldl <<'SOURCE'
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char** argv)
{
  void* library = NULL;
  for (int i = 1; i < argc; i++) {
    library = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
      puts(dlerror());
      return 1;
    }
  }
  int (*function)(void) = (int (*)(void)) dlsym(library, "function");
  printf("status %d\n", function());
  return 0;
}
SOURCE

# Prints what a graph of one node computes, which knows our library.
graph_source='
#include <stdio.h>
#include <pthreadpool.h>
#include <xnnpack.h>
#include <xnnpack-softmax.h>
int function(void)
{
  const size_t shape[2] = {1, 3};
  float input[3 + XNN_EXTRA_BYTES / sizeof(float)] = {1.0f, 2.0f, 3.0f};
  float output[3 + XNN_EXTRA_BYTES / sizeof(float)];
  uint32_t ids[2];
  xnn_subgraph_t subgraph = NULL;
  xnn_runtime_t runtime = NULL;
  enum xnn_status status = xnn_initialize(NULL);
  status |= xnn_delete_operator(NULL) != xnn_status_invalid_parameter;
  status |= xnn_create_subgraph(2, 0, &subgraph);
  for (uint32_t i = 0; i < 2; i++) {
    status |= xnn_define_tensor_value(subgraph, xnn_datatype_fp32, 2, shape, NULL, i,
                                      i == 0 ? XNN_VALUE_FLAG_EXTERNAL_INPUT : XNN_VALUE_FLAG_EXTERNAL_OUTPUT, &ids[i]);
  }
  status |= xnnx_define_softmax(subgraph, ids[0], ids[1], 0);
  status |= xnn_create_runtime_v2(subgraph, NULL, 0, &runtime);
  const struct xnn_external_value values[2] = {{ids[0], input}, {ids[1], output}};
  status |= xnn_setup_runtime(runtime, 2, values);
  status |= xnn_invoke_runtime(runtime);
  printf("%.4f %.4f %.4f\n", output[0], output[1], output[2]);
  xnn_delete_runtime(runtime);
  xnn_delete_subgraph(subgraph);
  return (int) status;
}
'

# Two plug-ins that were linked with ours: where the first was opened, there is no XNNPACK.
build first.so -shared -fPIC -Wl,--no-as-needed "$library" <<<'int function(void) { return 0; }'
build second.so -shared -fPIC -I"$include" "$library" -lXNNPACK -lpthreadpool <<<"$graph_source"
export LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(dirname "$library")
ours='xnnpack-softmax: softmax 1 x 3: '
graph_output=$(XNNX_VERBOSE=1 timeout 60 "$temporary/opener" "$temporary/first.so" "$temporary/second.so" 2>&1)
[[ $graph_output == *"$ours"*'0.0900 0.2447 0.6652'*'status 0' ]] || fail "plug-ins: $graph_output"

# A plug-in's function that ends with a call: it seems to come from the program, which has no XNNPACK.
build ending.so -shared -fPIC -lXNNPACK <<'SOURCE'
#include <stddef.h>
int xnn_initialize(const void*);
int xnn_delete_operator(void*);
__attribute__((constructor)) static void initialize(void)
{
  xnn_initialize(NULL);
}
int function(void)
{
  return xnn_delete_operator(NULL);
}
SOURCE
# (ThreadSanitizer has something to do behind each call.)
[[ ${SANITIZER_FLAGS:-} == *thread* ]] || objdump -d --disassemble=function "$temporary/ending.so" |
  grep -q 'jmp.*xnn_delete_operator' || fail 'the last call is no jump'
expect 'without us' 'status 2' "$temporary/opener" "$temporary/ending.so"
expect 'a call that ends a function' 'status 2' env LD_PRELOAD="$library" "$temporary/opener" "$temporary/ending.so"

# A library whose destructor calls XNNPACK is forgotten, though it calls for the first time: others will lie where it did.
build closing.so -shared -fPIC -lXNNPACK <<'SOURCE'
#include <stddef.h>
int xnn_initialize(const void*);
int xnn_delete_operator(void*);
__attribute__((destructor)) static void delete_operators(void)
{
  xnn_delete_operator(NULL);
}
int function(void)
{
  xnn_initialize(NULL);
  return xnn_delete_operator(NULL);
}
SOURCE
build closer -ldl <<'SOURCE'
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char** argv)
{
  for (int i = 0; i < 20; i++) {
    dlclose(dlopen(argv[argc - 1], RTLD_NOW | RTLD_LOCAL));
  }
  puts(dlopen(argv[argc - 1], RTLD_NOW | RTLD_NOLOAD) == NULL ? "unloaded" : "still loaded");
  void* library = dlopen(argv[argc - 1], RTLD_NOW | RTLD_LOCAL);
  printf("status %d\n", ((int (*)(void)) dlsym(library, "function"))());
  return 0;
}
SOURCE
expect 'a destructor that calls' $'unloaded\nstatus 2' \
  env LD_PRELOAD="$library" "$temporary/closer" "$temporary/closing.so"

# A library whose constructor, with the loader's lock, waits for a thread that calls for the first time.
build waiting.so -shared -fPIC -pthread <<'SOURCE'
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
__attribute__((constructor)) static void wait_for_call(void)
{
  pthread_t thread;
  if (pthread_create(&thread, NULL, (void* (*) (void*) ) dlsym(RTLD_DEFAULT, "call_first"), NULL) == 0) {
    pthread_join(thread, NULL);
  }
}
int function(void)
{
  return 0;
}
SOURCE
build caller -rdynamic -ldl -lXNNPACK -lpthreadpool <<'SOURCE'
#include <dlfcn.h>
#include <stdio.h>
int xnn_initialize(const void*);
int xnn_delete_operator(void*);
void pthreadpool_parallelize_1d(void*, void (*)(void*, size_t), void*, size_t, unsigned int);
static void count(void* calls, size_t i)
{
  *(size_t*) calls += i;
}
void* call_first(void* unused)
{
  size_t calls = 0;
  pthreadpool_parallelize_1d(NULL, count, &calls, 4, 0);
  xnn_initialize(NULL);
  printf("sum %zu, status %d\n", calls, xnn_delete_operator(NULL));
  return unused;
}
int main(int argc, char** argv)
{
  return dlopen(argv[argc - 1], RTLD_NOW) == NULL;
}
SOURCE
expect 'a constructor that waits' 'sum 6, status 2' \
  env LD_PRELOAD="$library" "$temporary/caller" "$temporary/waiting.so"

# Two threads whose first softmaxes meet, one of them in a constructor, with the loader's lock.
with_xnnpacks=(-I"$include" -Dxnnx_define_softmax=xnn_define_softmax -lXNNPACK -lpthreadpool -pthread)
build meeting.so -shared -fPIC "${with_xnnpacks[@]}" <<<"$graph_source"'
#include <unistd.h>
__attribute__((constructor)) static void run_when_the_other_begins(void)
{
  usleep(300000);
  function();
}'
build meeter "${with_xnnpacks[@]}" -ldl <<<"$graph_source"'
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>
static void* run_in_the_middle(void* unused)
{
  usleep(100000);
  function();
  return unused;
}
int main(int argc, char** argv)
{
  pthread_t thread;
  pthread_create(&thread, NULL, run_in_the_middle, NULL);
  void* library = dlopen(argv[argc - 1], RTLD_NOW);
  pthread_join(thread, NULL);
  return library == NULL;
}'
expect 'two threads that meet' $'0.0900 0.2447 0.6652\n0.0900 0.2447 0.6652' \
  env LD_PRELOAD="$library" "$temporary/meeter" "$temporary/meeting.so"

# A library between ours and XNNPACK that counts: nothing passes it by.
build counter.so -shared -fPIC -ldl <<'SOURCE'
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
static int calls;
void pthreadpool_parallelize_1d(void* pool, void* task, void* context, size_t range, uint32_t flags)
{
  void (*next)(void*, void*, void*, size_t, uint32_t) = dlsym(RTLD_NEXT, "pthreadpool_parallelize_1d");
  calls++;
  next(pool, task, context, range, flags);
}
__attribute__((destructor)) static void tell(void)
{
  printf("%d calls\n", calls);
}
SOURCE
alone=$(LD_PRELOAD="$temporary/counter.so" "$program" | tail -n 1)
behind=$(XNNX_DISABLE=1 LD_PRELOAD="$library:$temporary/counter.so" "$program" | tail -n 1)
[[ $alone == [2-9]' calls' ]] || fail "a counter: $alone"
[ "$behind" = "$alone" ] || fail "a counter behind ours: $behind instead of $alone"

# Two copies of ours: the second one only passes on.
cp "$library" "$temporary/copy.so"
LD_PRELOAD="$library" "$program" >"$temporary/one"
output=$(XNNX_VERBOSE=1 LD_PRELOAD="$library:$temporary/copy.so" timeout 60 "$program" 2>&1 >"$temporary/two")
[[ $output == 'xnnpack-softmax: softmax 6 x 37: '* && $(wc -l <<<"$output") -eq 1 ]] || fail "two copies: $output"
cmp "$temporary/one" "$temporary/two" || fail 'two copies: other results'

if [ "$failures" -ne 0 ]; then
  exit 1
fi
echo "PASSED: plug-ins, call that ends a function, destructor, constructor, two threads, library between, two copies"
