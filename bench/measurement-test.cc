// What decides whether a comparison is measured and believed: memory, other programs, and the values of the input.

#include <sys/stat.h>
#include <unistd.h>

#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "bench/compare/report.h"
#include "bench/compare/values.h"
#include "bench/memory.h"
#include "bench/other-programs.h"

namespace xnnx_bench {
namespace {

constexpr size_t kMebibyte = size_t{1} << 20;

// A system's files below a folder of their own.
class Files {
 public:
  Files()
  {
    std::string pattern = testing::TempDir() + "/files-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  const std::string& root() const { return root_; }

  void write(const std::string& path, const std::string& text)
  {
    for (size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      mkdir((root_ + path.substr(0, slash)).c_str(), 0777);
    }
    std::ofstream(root_ + path) << text;
  }

 private:
  std::string root_;
};

TEST(Memory, IsWhatTheSystemHas)
{
  Files files;
  EXPECT_EQ(available_memory_bytes(files.root()), SIZE_MAX);
  files.write("/proc/meminfo", "MemTotal:  9000 kB\nMemFree:  100 kB\nMemAvailable:   2048 kB\nBuffers: 1 kB\n");
  EXPECT_EQ(available_memory_bytes(files.root()), 2 * kMebibyte);
}

TEST(Memory, IsWhatEveryCgroupAllows)
{
  Files files;
  files.write("/proc/meminfo", "MemAvailable: 1048576 kB\n");
  files.write("/proc/self/cgroup", "0::/outer/inner\n");
  const std::string inner = "/sys/fs/cgroup/outer/inner/";
  files.write(inner + "memory.max", "max\n");
  files.write(inner + "memory.current", "1048576\n");
  EXPECT_EQ(available_memory_bytes(files.root()), 1024 * kMebibyte);
  files.write("/sys/fs/cgroup/outer/memory.max", std::to_string(100 * kMebibyte));
  files.write("/sys/fs/cgroup/outer/memory.current", std::to_string(70 * kMebibyte));
  EXPECT_EQ(available_memory_bytes(files.root()), 30 * kMebibyte);
  files.write("/sys/fs/cgroup/outer/memory.stat", "file 9\ninactive_file 20971520\n");
  EXPECT_EQ(available_memory_bytes(files.root()), 50 * kMebibyte);
  files.write(inner + "memory.max", std::to_string(11 * kMebibyte));
  EXPECT_EQ(available_memory_bytes(files.root()), 10 * kMebibyte);
  files.write(inner + "memory.max", "0\n");
  EXPECT_EQ(available_memory_bytes(files.root()), 0u);
}

TEST(Memory, IsWhatCgroupsOfVersion1Allow)
{
  Files files;
  files.write("/proc/meminfo", "MemAvailable: 1048576 kB\n");
  files.write("/proc/self/cgroup", "3:cpu,cpuacct:/group\n2:memory:/group\n1:name=systemd:/\n");
  files.write("/sys/fs/cgroup/memory/group/memory.limit_in_bytes", "9223372036854771712\n");
  files.write("/sys/fs/cgroup/memory/group/memory.usage_in_bytes", "4096\n");
  EXPECT_EQ(available_memory_bytes(files.root()), 1024 * kMebibyte);
  files.write("/sys/fs/cgroup/memory/group/memory.limit_in_bytes", std::to_string(20 * kMebibyte));
  files.write("/sys/fs/cgroup/memory/group/memory.usage_in_bytes", std::to_string(20 * kMebibyte));
  files.write("/sys/fs/cgroup/memory/group/memory.stat", "inactive_file 0\ntotal_inactive_file 5242880\n");
  EXPECT_EQ(available_memory_bytes(files.root()), 5 * kMebibyte);
  // In a container the group's path may be that of the host, and only the root is there.
  files.write("/proc/self/cgroup", "2:memory:/on-the-host/group\n");
  files.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", std::to_string(8 * kMebibyte));
  files.write("/sys/fs/cgroup/memory/memory.usage_in_bytes", std::to_string(kMebibyte));
  EXPECT_EQ(available_memory_bytes(files.root()), 7 * kMebibyte);
}

TEST(OtherPrograms, UseWhatIsNeitherIdleNorOurs)
{
  Files files;
  files.write("/stat", "cpu  100 200 300 400000 500000 10 20 70 6000000 7000000\ncpu0 1 2 3 4\n");
  const ProcessorUse use = read_processor_use(files.root() + "/stat");
  EXPECT_DOUBLE_EQ(use.all * static_cast<double>(sysconf(_SC_CLK_TCK)), 700.0);
  EXPECT_EQ(read_processor_use(files.root() + "/none").all, 0.0);

  EXPECT_DOUBLE_EQ(processors_of_others({10.0, 500.0, 3.0}, {12.0, 505.0, 5.0}), 1.5);
  EXPECT_DOUBLE_EQ(processors_of_others({10.0, 500.0, 3.0}, {12.0, 501.9, 5.0}), 0.0);  // a tick too few
  EXPECT_DOUBLE_EQ(processors_of_others({10.0, 0.0, 3.0}, {12.0, 0.0, 5.0}), 0.0);      // the system does not say
}

TEST(OtherPrograms, DisturbAComparison)
{
  Comparison comparison = {};
  comparison.processors_of_others = 0.2;
  comparison.interrupted = 0.04;
  EXPECT_FALSE(comparison.is_disturbed());
  comparison.interrupted = 0.06;
  EXPECT_TRUE(comparison.is_disturbed());
  comparison.interrupted = 0.0;
  comparison.processors_of_others = 0.3;
  EXPECT_TRUE(comparison.is_disturbed());
}

const Values& values_named(const std::string& name)
{
  for (const Values& values : all_values()) {
    if (values.name == name) {
      return values;
    }
  }
  throw std::runtime_error("no values " + name);
}

constexpr size_t kRows = 64;
constexpr size_t kChannels = 12;

std::vector<float> filled_with(const std::string& name)
{
  std::vector<float> rows(kRows * kChannels, NAN);
  fill_with_values(values_named(name), rows.data(), kRows, kChannels);
  return rows;
}

bool is_ordinary(float x)
{
  return x >= -8.0f && x < 8.0f;
}

TEST(Values, AreOrdinaryFirst)
{
  EXPECT_TRUE(all_values().front().is_ordinary());
  for (const float x : filled_with("ordinary")) {
    EXPECT_TRUE(is_ordinary(x)) << x;
  }
}

TEST(Values, MaskTheEndOfEachRow)
{
  for (const auto& [name, mask] : std::vector<std::pair<const char*, float>>{
           {"mask=-1e4", -1e4f},
           {"mask=-1e9", -1e9f},
           {"mask=-1e30", -1e30f},
           {"mask=lowest", -FLT_MAX},
           {"mask=-inf", -INFINITY}}) {
    const std::vector<float> rows = filled_with(name);
    for (size_t i = 0; i < rows.size(); i++) {
      const bool is_masked = i % kChannels >= kChannels / 2;
      EXPECT_TRUE(is_masked ? rows[i] == mask || std::fabs(rows[i] - mask) <= 8.0f : is_ordinary(rows[i]))
          << name << ", element " << i << ": " << rows[i];
    }
  }
}

TEST(Values, FillWholeRows)
{
  for (const auto& [name, value, every] : std::vector<std::tuple<const char*, float, size_t>>{
           {"rows=-inf", -INFINITY, 1},
           {"rows=-1e9", -1e9f, 1},
           {"rows=lowest", -FLT_MAX, 1},
           {"every-4th=-inf", -INFINITY, 4},
           {"every-4th=lowest", -FLT_MAX, 4},
           {"offset=1e8", 1e8f, 1}}) {
    const std::vector<float> rows = filled_with(name);
    for (size_t i = 0; i < rows.size(); i++) {
      const bool is_changed = i / kChannels % every == 0;
      EXPECT_TRUE(is_changed ? rows[i] == value || std::fabs(rows[i] - value) <= 8.0f : is_ordinary(rows[i]))
          << name << ", element " << i << ": " << rows[i];
    }
  }
}

TEST(Values, MixRowsOfAllKinds)
{
  const std::vector<float> rows = filled_with("mixed");
  size_t ordinary = 0;
  size_t masked = 0;
  size_t low = 0;
  size_t high = 0;
  for (size_t row = 0; row < kRows; row++) {
    const float x = rows[row * kChannels];
    ordinary += is_ordinary(x) ? 1 : 0;
    masked += x == -INFINITY ? 1 : 0;
    low += std::isfinite(x) && x < -9e4f ? 1 : 0;
    high += x > 9e7f ? 1 : 0;
  }
  EXPECT_EQ(ordinary + masked + low + high, kRows);
  EXPECT_GT(ordinary, kRows / 8);
  EXPECT_GT(masked, 0u);
  EXPECT_GT(low, 0u);
  EXPECT_GT(high, 0u);
}

}  // namespace
}  // namespace xnnx_bench
