// SHA-256 of the operator's outputs, against test/same-bits/hashes.txt: the same on every instruction set and processor.
//
// With XNNX_WRITE_HASHES=FILE it writes them to that file instead, for tools/update-hashes.py.

#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "src/xnnx/isa.h"
#include "test/same-bits/hash-cases.h"

namespace {

constexpr char kHashesFile[] = "test/same-bits/hashes.txt";

std::string sha256(const Floats& floats) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EXPECT_EQ(EVP_Digest(floats.data(), floats.size() * sizeof(float), digest, &size, EVP_sha256(), nullptr), 1);
  std::string text;
  for (unsigned int i = 0; i < size; i++) {
    char digits[3];
    snprintf(digits, sizeof(digits), "%02x", digest[i]);
    text += digits;
  }
  return text;
}

// Where nothing is written between rows, 0 stays.
Floats output_of(const HashCase& hash_case, size_t thread_count) {
  const OperatorPointer op = create_operator(hash_case.flags);
  Floats output(hash_case.shape.batch_size * hash_case.shape.output_stride);
  run_softmax(op, hash_case.shape, hash_case.input.data(), output.data(), shared_pool(thread_count));
  return output;
}

struct HashFile {
  int version = 0;
  std::map<std::string, std::string> hashes;  // of cases
};

HashFile read_hashes() {
  HashFile file;
  std::ifstream stream(kHashesFile);
  std::string word;
  EXPECT_TRUE(stream >> word >> file.version && word == "version") << kHashesFile;
  std::string hash, name;
  while (stream >> hash >> name) {
    EXPECT_TRUE(file.hashes.emplace(name, hash).second) << name << " is there twice";
  }
  return file;
}

class HashesTest : public testing::TestWithParam<int> {};

TEST_P(HashesTest, Agree) {
  const char* isa = xnnx_isa_name(static_cast<enum xnnx_isa>(GetParam()));
  if (!is_usable(isa)) {
    printf("%s: no hashes, this processor lacks it\n", isa);
    GTEST_SKIP();
  }
  const MaxIsa max_isa(isa);
  const HashFile file = read_hashes();
  size_t case_count = 0;
  size_t agreeing = 0;
  for_each_hash_case([&](const HashCase& hash_case) {
    const Floats output = output_of(hash_case, /*thread_count=*/0);
    const Floats output_of_threads = output_of(hash_case, /*thread_count=*/3);
    EXPECT_EQ(memcmp(output.data(), output_of_threads.data(), output.size() * sizeof(float)), 0) << hash_case.name;
    const auto found = file.hashes.find(hash_case.name);
    const std::string expected = found == file.hashes.end() ? "none" : found->second;
    const std::string hash = sha256(output);
    EXPECT_EQ(hash, expected) << hash_case.name;
    case_count++;
    agreeing += hash == expected;
  });
  EXPECT_EQ(case_count, file.hashes.size()) << "cases that " << kHashesFile << " has";
  printf("%s: %zu of %zu hashes agree\n", isa, agreeing, file.hashes.size());
}

INSTANTIATE_TEST_SUITE_P(
    All, HashesTest, testing::Range(0, static_cast<int>(xnnx_isa_count)),
    [](const testing::TestParamInfo<int>& info) { return xnnx_isa_name(static_cast<enum xnnx_isa>(info.param)); });

TEST(HashFileTest, IsOfThisVersion) {
  EXPECT_EQ(read_hashes().version, XNNX_ARITHMETIC_VERSION);
}

TEST(HashFileTest, IsWrittenWhereAsked) {
  const char* path = std::getenv("XNNX_WRITE_HASHES");
  if (path == nullptr) {
    GTEST_SKIP() << "XNNX_WRITE_HASHES is not set";
  }
  std::ofstream stream(path);
  stream << "version " << XNNX_ARITHMETIC_VERSION << "\n";
  for_each_hash_case([&](const HashCase& hash_case) {
    stream << sha256(output_of(hash_case, /*thread_count=*/0)) << "  " << hash_case.name << "\n";
  });
  ASSERT_TRUE(stream.flush().good()) << path;
}

}  // namespace
