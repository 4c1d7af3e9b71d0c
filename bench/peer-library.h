// A softmax that `compare --peer=./FILE.so` measures beside ours: FILE.so is a shared library with these three functions, whose
// own symbols come first for it. docs/benchmarks.md has an example.

#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pthreadpool;

// The softmax of each row of `input` goes to `output`. Both are `compare`'s, dense, at least as aligned as a cache line, and
// outlive the peer.
struct xnnx_peer_task {
  size_t size;      // of this struct in bytes: members are added at the end only
  size_t rows;
  size_t channels;  // floats in a row
  size_t threads;   // at most so many may compute
  const float* input;
  float* output;
  struct pthreadpool* threadpool;  // of so many threads; NULL if `threads` is 1. A peer with threads of its own ignores it.
};

// Prepares a task: nothing here is timed. NULL where the peer cannot do it, and in *reason why, in a few words that stay where
// they are; `compare` then leaves the peer out of this shape, and says so.
void* xnnx_peer_create(const struct xnnx_peer_task* task, const char** reason);

// Computes the task's output from its input, completely, before it returns. Called on the thread that created the peer, again
// and again.
void xnnx_peer_run(void* peer);

// Frees what xnnx_peer_create made; called once, after the last run.
void xnnx_peer_delete(void* peer);

#ifdef __cplusplus
}  // extern "C"
#endif
