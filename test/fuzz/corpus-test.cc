// Runs a fuzz target on every input of its corpus, whatever the compiler, without libFuzzer.
// Usage: corpus-test FOLDER

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "test/fuzz/fuzz-target.h"
#include "test/gtest-main.h"

namespace {

std::vector<std::filesystem::path> files_of(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(Corpus, EveryInput) {
  const std::string corpus_folder = test_arguments().at(0);
  const auto files = files_of(corpus_folder);
  ASSERT_FALSE(files.empty()) << corpus_folder;
  for (const auto& file : files) {
    SCOPED_TRACE(file);
    std::ifstream stream(file, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
    ASSERT_FALSE(stream.bad());
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
}

}  // namespace
