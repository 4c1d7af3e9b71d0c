// A program that forks while its threads run softmaxes; preload-test.sh preloads our library into it. Children run
// the softmaxes as well, and end by an alarm if they hang. Prints how many did not.

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "test/peers/xnnpack-operator.h"

namespace {

constexpr int kThreads = 4;
constexpr int kChildren = 200;
constexpr size_t kChannels = 8;

XnnpackSoftmax softmaxes[kThreads];
std::atomic<bool> stop;

void create(XnnpackSoftmax& softmax) {
  softmax.create(kChannels, kChannels, kChannels, /*flags=*/0);
}

void set_up(XnnpackSoftmax& softmax) {
  static float tensors[2][kChannels + XNN_EXTRA_BYTES / sizeof(float)];
  softmax.set_up(/*batch_size=*/1, tensors[0], tensors[1], /*threadpool=*/nullptr);
}

void run_softmax(XnnpackSoftmax& softmax) {
  while (!stop) {
    XnnpackSoftmax other;
    create(other);
    set_up(other);
    softmax.run(/*threadpool=*/nullptr);
    other.destroy();
  }
}

[[noreturn]] void be_child() {
  alarm(5);
  XnnpackSoftmax other;
  create(other);
  for (XnnpackSoftmax& softmax : softmaxes) {
    softmax.run(/*threadpool=*/nullptr);
  }
  other.destroy();
  _exit(0);
}

}  // namespace

int main() {
  xnn_initialize(nullptr);
  std::vector<std::thread> threads;
  for (XnnpackSoftmax& softmax : softmaxes) {
    create(softmax);
    set_up(softmax);
    threads.emplace_back([&softmax] { run_softmax(softmax); });
  }
  int ended = 0;
  int hung = 0;
  for (int i = 0; i < kChildren && hung < 2; i++) {
    const pid_t child = fork();
    if (child == 0) {
      be_child();
    }
    int status;
    waitpid(child, &status, 0);
    ended += WIFEXITED(status);
    hung += !WIFEXITED(status);
  }
  stop = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::printf("%d children ended\n", ended);
  return 0;
}
