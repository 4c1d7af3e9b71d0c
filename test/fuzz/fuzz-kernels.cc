// Every kernel of the table, on any floats that its family takes, at any place, against the family's reference.

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "test/fuzz/byte-reader.h"
#include "test/fuzz/fuzz-target.h"
#include "test/fuzz/read-floats.h"
#include "test/guarded-buffer.h"
#include "test/kernel-checks.h"

namespace {

constexpr size_t kMaxCount = 1700;  // more than six of the largest tile, and a tail
constexpr size_t kMaxFloatsFromGuard = 31;

// The kernels of one family and one instruction set, which differ in their loops alone.
using Group = std::vector<KernelCase>;

// Also those that are skipped because this processor lacks their instruction set: the same input means the same group
// everywhere.
std::vector<Group> all_groups() {
  std::map<std::pair<std::string, enum xnnx_isa>, Group> groups;
  for (const KernelCase& kernel : kKernelCases) {
    Group& group = groups[{kernel.family, kernel.isa}];
    if (group.empty() && !is_present(kernel.isa)) {
      fprintf(stderr, "skipped: this processor has no %s: %s\n", isa_name(kernel.isa), kernel.family);
    }
    group.push_back(kernel);
  }
  std::vector<Group> result;
  for (const auto& [family_and_isa, group] : groups) {
    result.push_back(group);
  }
  return result;
}

// Where a row lies between two guard pages.
struct Place {
  size_t floats_from_guard;
  bool after_guard;

  float* of_row(GuardedBuffer* buffer, size_t count) const {
    return after_guard ? buffer->row_after_guard(count, floats_from_guard)
                       : buffer->row_before_guard(count, floats_from_guard);
  }
};

Place read_place(ByteReader* reader) {
  const size_t floats_from_guard = reader->between(0, kMaxFloatsFromGuard);
  return {floats_from_guard, reader->flag()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t byte_count) {
  static const std::vector<Group> groups = all_groups();
  static GuardedBuffer input_buffer(kMaxCount + kMaxFloatsFromGuard);
  static GuardedBuffer output_buffer(kMaxCount + kMaxFloatsFromGuard);
  ByteReader reader(bytes, byte_count);
  const Group& group = groups[reader.between(0, groups.size() - 1)];
  if (!is_present(group.front().isa)) {
    return 0;
  }
  const size_t count = reader.between(0, 3) == 0 ? reader.between(1, kMaxCount) : reader.between(1, 48);
  const Place input_place = read_place(&reader);
  const Place output_place = read_place(&reader);
  const bool in_place = group.front().has_output && reader.flag();
  reader.between(0, 7);  // nothing any more, but inputs of before mean what they meant
  const uint32_t fraction = reader.any<uint32_t>() ^ UINT32_C(0x55555555);  // 1/3 where all bytes are 0: no float
  const double factor = std::ldexp(1.0 + fraction * 0x1p-32, -2 - static_cast<int>(reader.between(0, 62)));
  const std::vector<float> floats = read_floats(&reader, count);
  // Read last, so that inputs of before mean what they meant.
  const size_t channels_limit = reader.between(0, 255);
  const size_t most_channels = channels_limit == 0 ? SIZE_MAX : channels_limit;

  for (const KernelCase& kernel : group) {
    SCOPED_TRACE(testing::Message() << kernel.name << ", " << count << " elements");
    float* input = input_place.of_row(&input_buffer, count);
    float* output = output_place.of_row(&output_buffer, count);
    memcpy(input, floats.data(), count * sizeof(float));
    kernel.check({input, in_place ? input : output, count, kernel.tile, factor, most_channels});
    if (!in_place) {
      EXPECT_EQ(memcmp(input, floats.data(), count * sizeof(float)), 0) << "the input was written";
    }
    EXPECT_TRUE(input_buffer.is_untouched_outside_row());
    EXPECT_TRUE(output_buffer.is_untouched_outside_row());
  }
  return 0;
}
