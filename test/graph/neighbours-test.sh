#!/bin/bash
# With our library preloaded, programs and plug-ins call the XNNPACK and the pthreadpool that they call without it. These are
# stand-ins here, which print who was called; ours passes on what is no XNNPACK with graphs.
# Usage: neighbours-test.sh LIBRARY
set -u

library=$(realpath "$1")
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cd "$temporary" || exit 1
failures=0

fail() {
  echo "FAILED: $1"
  failures=$((failures + 1))
}

# build NAME SOURCE [OPTION]...: of SOURCE.c; a library if the name says so.
# shellcheck disable=SC2086  # several flags
build() {
  local name=$1 source=$2 kind=()
  shift 2
  [[ $name == *.so ]] && kind=(-shared -fPIC)
  # The sanitizers' own calls stay out of it.
  gcc -O1 -D_GNU_SOURCE "${kind[@]}" -x c "$source.c" -x none -o "$name" -Wl,-rpath,"$temporary" ${SANITIZER_FLAGS:-} "$@" \
    -ldl || fail "$name: not built"
}

# same NAME OUTPUT COMMAND...: the command prints that without us, and with us.
same() {
  local name=$1 expected=$2 output
  shift 2
  output=$(timeout 60 "$@" 2>&1)
  [ "$output" = "$expected" ] || fail "$name, without us: $output"
  output=$(LD_PRELOAD="$library" timeout 60 "$@" 2>&1)
  [ "$output" = "$expected" ] || fail "$name: $output"
}

cat >stand-in.c <<'SOURCE'
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#ifdef XNNPACK
int xnn_create_softmax_nc_f32(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e)
{
  (void) a, (void) b, (void) c, (void) d, (void) e;
  return printf(" %s", XNNPACK);
}
int xnn_delete_operator(void* op)
{
  (void) op;
  return printf(" %s", XNNPACK);
}
#endif
#ifdef POOL
void pthreadpool_parallelize_1d(void* pool, void (*task)(void*, size_t), void* context, size_t range, uint32_t flags)
{
  (void) pool, (void) task, (void) context, (void) range, (void) flags;
  printf(" %s", POOL);
}
size_t pthreadpool_get_threads_count(void* pool)
{
  (void) pool;
  return 5;
}
#endif
SOURCE
cat >user.c <<'SOURCE'
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
int xnn_create_softmax_nc_f32(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t);
int xnn_delete_operator(void*);
void pthreadpool_parallelize_1d(void*, void (*)(void*, size_t), void*, size_t, uint32_t);
size_t pthreadpool_get_threads_count(void*);
#ifndef NAME
#define NAME function
#endif
int NAME(void)
{
#ifndef POOL_ALONE
  xnn_delete_operator(NULL);
#ifndef DELETE_ALONE
  xnn_create_softmax_nc_f32(0, 0, 0, 0, 0);
#endif
#endif
#ifndef DELETE_ALONE
  pthreadpool_parallelize_1d(NULL, NULL, NULL, 1, 0);
  printf(" %zu", pthreadpool_get_threads_count(NULL));
#endif
  printf("\n");
  return 0;
}
#ifdef DESTRUCTOR
__attribute__((destructor)) static void delete_operators(void)
{
  xnn_delete_operator(NULL);
  printf("\n");
}
#endif
SOURCE
cat >helped.c <<'SOURCE'
int helper(void);
int function(void)
{
  const int result = helper();
  __asm__ volatile("");
  return result;
}
SOURCE
echo 'int nothing;' >nothing.c
# Arguments: a library to open for itself, +LIBRARY for all, !LIBRARY to call its function, -LIBRARY to close it, own: the program's.
cat >host.c <<'SOURCE'
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
int own(void) __attribute__((weak));
static void* call(void* function)
{
  ((int (*)(void)) function)();
  return NULL;
}
// On little stack.
static void call_on_thread(void* function)
{
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  pthread_create(&thread, &attributes, call, function);
  pthread_join(thread, NULL);
}
int main(int argc, char** argv)
{
  for (int i = 1; i < argc; i++) {
    const char* name = argv[i] + strspn(argv[i], "+!-");
    if (strcmp(name, "own") == 0) {
      own();
      continue;
    }
    void* handle = dlopen(name, (argv[i][0] == '+' ? RTLD_GLOBAL : RTLD_LOCAL) | RTLD_NOW);
    if (handle == NULL) {
      puts(dlerror());
      return 1;
    }
    if (argv[i][0] == '!') {
      call_on_thread(dlsym(handle, "function"));
    } else if (argv[i][0] == '-') {
      dlclose(handle);
      dlclose(handle);
      handle = dlopen(name, RTLD_NOW | RTLD_NOLOAD);
      puts(handle == NULL ? "unloaded" : "still loaded");
    }
    fflush(stdout);
  }
  return 0;
}
SOURCE
stack_bytes=16384
[ -n "${SANITIZER_FLAGS:-}" ] && stack_bytes=1048576
build host host -DSTACK_BYTES=$stack_bytes -pthread

for name in A B; do
  build $name.so stand-in -DXNNPACK="\"$name\"" -DPOOL="\"pool$name\""
  build plug$name.so user ./$name.so
done
build xnnpack.so stand-in -DXNNPACK='"C"'
build pool.so stand-in -DPOOL='"pool"'

# Private copies, and more plug-ins than are remembered without memory.
same 'two plug-ins' $' A A poolA 5\n B B poolB 5\n A A poolA 5' ./host '!./plugA.so' '!./plugB.so' '!./plugA.so'
plugs=()
expected=
for i in 1 2 3 4 5 6 7 8 9 10; do
  cp plugB.so "plug$i.so"
  plugs+=("!./plug$i.so")
  expected+=$' B B poolB 5\n'
done
same 'ten plug-ins' "${expected%$'\n'}" ./host "${plugs[@]}"

# What is opened for all comes before a plug-in's own, unless the plug-in was there first.
same 'for all, before' ' A A poolA 5' ./host +./A.so '!./plugB.so'
same 'for all, after' ' B B poolB 5' ./host ./plugB.so +./A.so '!./plugB.so'
build plain.so user
same 'for all alone' ' A A poolA 5' ./host +./A.so '!./plain.so'
same 'for all, closed' $' A A poolA 5\nstill loaded\n A A poolA 5' ./host +./A.so '!./plain.so' -./A.so '!./plain.so'

# The scope is that of the library which dlopen was called for: what it brings is there for the libraries that it is linked with.
build split.so user ./xnnpack.so ./pool.so
same 'a pool beside XNNPACK' ' C C pool 5' ./host '!./split.so'
build helper.so user -DNAME=helper
build helped.so helped ./helper.so ./B.so
same 'a helper' $' A A poolA 5\n B B poolB 5' ./host '!./plugA.so' '!./helped.so'

# Plug-ins that were linked with ours, before an XNNPACK of their own: ours is where the first one was opened.
build nothing.so nothing -Wl,--no-as-needed "$library" -Wl,-rpath,"$(dirname "$library")"
for name in A B; do
  build ours$name.so user -Wl,--no-as-needed "$library" ./$name.so -Wl,-rpath,"$(dirname "$library")"
done
output=$(./host '!./oursA.so' '!./oursB.so')
[ "$output" = $' A A poolA 5\n B B poolB 5' ] || fail "linked with ours: $output"
output=$(./host ./nothing.so '!./plugA.so' '!./oursB.so')
[ "$output" = $' A A poolA 5\n B B poolB 5' ] || fail "linked with ours, which is elsewhere: $output"

# The program's own pool stays its own, whatever a plug-in brings.
build own.o user -c -DNAME=own -DPOOL_ALONE
build pooled host -DSTACK_BYTES=$stack_bytes -pthread own.o ./pool.so
same "the program's pool" $' B B pool 5\n pool 5' ./pooled '!./plugB.so' own

# Who deletes, and no more, is unloaded; and what lies there then is another.
for name in A B; do
  build deletes$name.so user ./$name.so -DDELETE_ALONE -DDESTRUCTOR
done
same 'a destructor' $' A\n A\nunloaded\n B\n B\nunloaded\n A\n A\nunloaded' \
  ./host '!./deletesA.so' -./deletesA.so '!./deletesB.so' -./deletesB.so '!./deletesA.so' -./deletesA.so

# Constructors run in their order, also where the first one calls.
cat >first.c <<'SOURCE'
#include <stdint.h>
#include <stdio.h>
void pthreadpool_parallelize_1d(void*, void (*)(void*, size_t), void*, size_t, uint32_t);
int is_ready;
__attribute__((constructor)) static void get_ready(void)
{
  pthreadpool_parallelize_1d(NULL, NULL, NULL, 1, 0);
  is_ready = 1;
}
SOURCE
cat >second.c <<'SOURCE'
#include <stdio.h>
extern int is_ready;
__attribute__((constructor)) static void tell(void)
{
  printf("%s\n", is_ready ? " ready" : " not ready");
}
SOURCE
printf 'int main(void)\n{\n  return 0;\n}\n' >idle.c
build first.so first ./pool.so
build second.so second ./first.so
build idle idle -Wl,--no-as-needed ./second.so
same 'constructors' ' pool ready' ./idle

if [ "$failures" -ne 0 ]; then
  exit 1
fi
echo 'PASSED'
