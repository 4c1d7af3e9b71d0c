#include "bench/memory.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <sstream>

namespace xnnx_bench {
namespace {

// The number at the start of a file; SIZE_MAX if there is none, as in "max".
size_t read_number(const std::string& path)
{
  size_t number;
  return std::ifstream(path) >> number ? number : SIZE_MAX;
}

// The number behind a name, in a file with one of these in each line; `otherwise` if there is none.
size_t read_named_number(const std::string& path, const std::string& wanted, size_t otherwise)
{
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    size_t number;
    if (words >> name >> number && name == wanted) {
      return number;
    }
  }
  return otherwise;
}

struct CgroupFiles {
  const char* folder;
  const char* limit;
  const char* usage;
  const char* inactive;  // in memory.stat, of the group and those below it
};

constexpr CgroupFiles kVersion1 = {
    "/sys/fs/cgroup/memory", "/memory.limit_in_bytes", "/memory.usage_in_bytes", "total_inactive_file"};
constexpr CgroupFiles kVersion2 = {"/sys/fs/cgroup", "/memory.max", "/memory.current", "inactive_file"};

// Of a group and those above it, up to the root.
size_t read_cgroups(const std::string& root, const CgroupFiles& files, std::string group)
{
  size_t available = SIZE_MAX;
  for (;;) {
    const std::string folder = root + files.folder + group;
    const size_t limit = read_number(folder + files.limit);
    const size_t usage = read_number(folder + files.usage);
    if (limit != SIZE_MAX && usage != SIZE_MAX) {
      const size_t inactive = read_named_number(folder + "/memory.stat", files.inactive, 0);
      const size_t used = usage - std::min(inactive, usage);
      available = std::min(available, limit - std::min(used, limit));
    }
    if (group.empty()) {
      return available;
    }
    group.erase(group.rfind('/'));
  }
}

}  // namespace

size_t available_memory_bytes(const std::string& root)
{
  const size_t kibibytes = read_named_number(root + "/proc/meminfo", "MemAvailable:", SIZE_MAX);
  size_t available = kibibytes == SIZE_MAX ? SIZE_MAX : 1024 * kibibytes;
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    // HIERARCHY:CONTROLLERS:/GROUP
    const size_t controllers = line.find(':') + 1;
    const size_t group = line.find(':', controllers) + 1;
    if (controllers == 0 || group == 0 || line[group] != '/') {
      continue;
    }
    const std::string path = line.substr(group) == "/" ? "" : line.substr(group);
    const std::string names = "," + line.substr(controllers, group - 1 - controllers) + ",";
    if (names == ",,") {
      available = std::min(available, read_cgroups(root, kVersion2, path));
    } else if (names.find(",memory,") != std::string::npos) {
      available = std::min(available, read_cgroups(root, kVersion1, path));
    }
  }
  return available;
}

}  // namespace xnnx_bench
