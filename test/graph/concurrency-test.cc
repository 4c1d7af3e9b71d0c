// The graph layer in many threads at once. What is wrong here shows above all under ThreadSanitizer.

#include <atomic>
#include <cstdlib>
#include <string>

#include "test/graph/fixture.h"
#include "test/threads.h"

namespace {

constexpr size_t kThreads = 6;

// Some threads run the same graph again and again, with and without a pool, ours or XNNPACK's; the others create, run
// and delete.
TEST(GraphConcurrency, SomeRunWhileOthersComeAndGo) {
  constexpr size_t kSteadyThreads = 3;
  std::atomic<size_t> restless_threads{kThreads - kSteadyThreads};
  in_threads(kThreads, [&](size_t thread) {
    if (thread < kSteadyThreads) {
      const Node node = thread == 0 ? Node::kXnnpacks : Node::kOurs;
      const pthreadpool_t pool = thread == 2 ? pthreadpool_create(2) : nullptr;
      SoftmaxGraph graph(3, {{node, 77}});
      graph.create_run_and_check(pool);
      size_t runs = 0;
      while (restless_threads != 0 || runs == 0) {
        graph.invoke_and_check();
        runs++;
      }
      if (node == Node::kOurs) {
        expect_ours_ran(3, 77);
      } else {
        expect_ours_did_not_run();
      }
      graph.delete_runtime();
      pthreadpool_destroy(pool);
    } else {
      for (size_t channels = 1; channels <= 200; channels++) {
        SoftmaxGraph graph(2, {{Node::kOurs, channels}, {Node::kXnnpacks, channels + 1}}, /*seed=*/thread);
        graph.create_run_and_check();
        expect_ours_ran(2, channels);
      }
      restless_threads--;
    }
  });
}

TEST(GraphConcurrency, OwnPools) {
  in_threads(kThreads, [](size_t thread) {
    const pthreadpool_t pool = pthreadpool_create(thread % 3 + 1);
    for (int i = 0; i < 5; i++) {
      SoftmaxGraph graph(5, {{Node::kOurs, 9000}}, /*seed=*/thread);
      graph.create_run_and_check(pool);
      expect_ours_ran(5, 9000);
    }
    pthreadpool_destroy(pool);
  });
}

// The first use of the library in a process, by all threads at once, must be its own process's.
TEST(GraphConcurrencyDeathTest, FirstUse) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto use_first = [](const char* disable) {
    setenv("XNNX_DISABLE", disable, /*overwrite=*/1);
    in_threads(kThreads, [&](size_t thread) {
      SoftmaxGraph graph(4, {{thread % 2 == 0 ? Node::kOurs : Node::kXnnpacks, 10}});
      if (std::string(disable) != "0") {
        graph.allow_xnnpacks();
      }
      graph.create_run_and_check();
      if (thread % 2 == 0 && std::string(disable) == "0") {
        expect_ours_ran(4, 10);
      } else {
        expect_ours_did_not_run();
      }
    });
    std::exit(testing::Test::HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(use_first("0"), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(use_first("1"), testing::ExitedWithCode(0), "");
}

}  // namespace
