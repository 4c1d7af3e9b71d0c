// The main of every test: as GoogleTest's own, but that a filter which selects no test is a failure.

#include "test/gtest-main.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <gtest/gtest.h>

static std::vector<std::string> all_arguments;

const std::vector<std::string>& test_arguments() {
  return all_arguments;
}

int main(int argument_count, char** arguments) {
  testing::InitGoogleTest(&argument_count, arguments);
  all_arguments.assign(arguments + 1, arguments + argument_count);
  const int result = RUN_ALL_TESTS();
  // Of tests in shards the first one that a filter selects is in the first shard.
  const char* shard = std::getenv("GTEST_SHARD_INDEX");
  const bool is_first_shard = shard == nullptr || std::strcmp(shard, "0") == 0;
  if (is_first_shard && testing::UnitTest::GetInstance()->test_to_run_count() == 0) {
    std::fprintf(stderr, "no test matches the filter \"%s\"\n", GTEST_FLAG_GET(filter).c_str());
    return EXIT_FAILURE;
  }
  return result;
}
