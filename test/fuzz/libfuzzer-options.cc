// Makes a GoogleTest assertion that fails an exception that nobody catches, which libFuzzer takes for a finding.

#include <gtest/gtest.h>

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  testing::GTEST_FLAG(throw_on_failure) = true;
  return 0;
}
