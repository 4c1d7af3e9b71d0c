// The whole softmax operator on any floats: every result keeps the contract, and how it is computed changes no bit.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "test/fuzz/byte-reader.h"
#include "test/fuzz/fuzz-target.h"
#include "test/fuzz/read-floats.h"
#include "test/operator-fixture.h"

namespace {

// More than the operator computes on one thread, so that several threads do meet.
constexpr size_t kMaxElements = 60000;

// Says once which instruction sets this processor lacks. Their inputs are skipped: the same input means the same
// variant everywhere.
bool is_skipped(const OperatorVariant& variant) {
  static std::set<std::string> skipped;
  if (is_usable(variant.isa)) {
    return false;
  }
  if (skipped.insert(variant.isa).second) {
    fprintf(stderr, "skipped: this processor has no %s\n", variant.isa);
  }
  return true;
}

// Mostly short rows, because they are fast; also rows of several blocks, and some that several threads compute.
size_t read_channels(ByteReader* reader) {
  switch (reader->between(0, 15)) {
    case 0:
      return reader->between(1, 600);
    case 1:
      return reader->between(4000, 9000);
    case 2:
      return reader->between(30000, 50000);
    default:
      return reader->between(1, 64);
  }
}

size_t read_batch_size(ByteReader* reader, size_t channels) {
  const size_t most = kMaxElements / channels;
  return reader->between(0, 15) == 0 ? reader->between(1, most) : std::min(reader->between(1, 6), most);
}

// A tensor whose memory ends with the last row, so that an address sanitizer sees the first byte behind it.
class Tensor {
 public:
  // Rows of `channels` elements at distances of `stride`, `offset` floats behind the start of the memory.
  Tensor(size_t batch_size, size_t channels, size_t stride, size_t offset)
      : batch_size_(batch_size),
        channels_(channels),
        stride_(stride),
        offset_(offset),
        count_(offset + (batch_size - 1) * stride + channels),
        memory_(new float[count_]) {
    std::fill(memory_.get(), memory_.get() + count_, kUntouched);
  }

  size_t stride() const { return stride_; }
  float* data() { return row(0); }
  float* row(size_t i) { return memory_.get() + offset_ + i * stride_; }

  void set(const Floats& dense) {
    for (size_t i = 0; i < batch_size_; i++) {
      std::copy_n(&dense[i * channels_], channels_, row(i));
    }
  }

  bool is_untouched_between_rows() {
    bool result = std::all_of(memory_.get(), data(), is_untouched);
    for (size_t i = 0; i + 1 < batch_size_; i++) {
      result = result && std::all_of(row(i) + channels_, row(i + 1), is_untouched);
    }
    return result;
  }

 private:
  static constexpr float kUntouched = -7.0f;
  static bool is_untouched(float x) { return x == kUntouched; }

  size_t batch_size_;
  size_t channels_;
  size_t stride_;
  size_t offset_;
  size_t count_;
  std::unique_ptr<float[]> memory_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t byte_count) {
  ByteReader reader(bytes, byte_count);
  static const std::vector<OperatorVariant> variants = all_operator_variants();
  const OperatorVariant variant = reader.one_of(variants);
  setenv("XNNX_MAX_ISA", variant.isa, /*overwrite=*/1);
  if (is_skipped(variant)) {
    return 0;
  }
  const bool zero_if_fully_masked = reader.flag();
  const uint32_t flags = variant.algorithm.flags | (zero_if_fully_masked ? XNNX_FLAG_ZERO_FULLY_MASKED_ROWS : 0) |
                         (reader.flag() ? XNNX_FLAG_KEEP_OUTPUT_IN_CACHE : 0);
  const size_t channels = read_channels(&reader);
  const size_t batch_size = read_batch_size(&reader, channels);
  constexpr std::array<size_t, 4> thread_counts = {0, 1, 2, 3};
  pthreadpool_t reshaped_for = shared_pool(reader.one_of(thread_counts));
  pthreadpool_t pool = shared_pool(reader.one_of(thread_counts));
  const bool in_place = reader.flag();
  const size_t input_gap = reader.between(0, 20);
  const size_t output_gap = reader.between(0, 20);
  const size_t input_offset = reader.between(0, 15);
  const size_t output_offset = reader.between(0, 15);
  Floats input = read_floats(&reader, batch_size * channels);
  // One row may be of another kind, such as masked throughout.
  if (reader.flag()) {
    const Floats row = read_floats(&reader, channels);
    std::copy(row.begin(), row.end(), input.begin() + reader.between(0, batch_size - 1) * channels);
  }

  const OperatorPointer op = create_operator(flags);
  SCOPED_TRACE(
      testing::Message() << variant.isa << " " << variant.algorithm.name << ", " << batch_size << " x " << channels);

  const std::unique_ptr<float[]> output(new float[input.size()]);
  run_softmax(op, dense_shape(batch_size, channels), input.data(), output.get());
  for (size_t row = 0; row < batch_size; row++) {
    expect_softmax(&output[row * channels], &input[row * channels], channels, zero_if_fully_masked);
  }

  Tensor other_input(batch_size, channels, channels + input_gap, input_offset);
  Tensor separate_output(batch_size, channels, channels + output_gap, output_offset);
  Tensor& other_output = in_place ? other_input : separate_output;
  other_input.set(input);
  const Shape shape = {batch_size, channels, other_input.stride(), other_output.stride()};
  EXPECT_EQ(
      xnnx_reshape_softmax_nc_f32(
          op.get(), channels, shape.input_stride, shape.output_stride, batch_size, reshaped_for),
      xnn_status_success);
  EXPECT_EQ(xnnx_setup_softmax_nc_f32(op.get(), other_input.data(), other_output.data()), xnn_status_success);
  EXPECT_EQ(xnnx_run_operator(op.get(), pool), xnn_status_success);
  for (size_t row = 0; row < batch_size; row++) {
    EXPECT_EQ(memcmp(&output[row * channels], other_output.row(row), channels * sizeof(float)), 0)
        << "row " << row << " differs: in place " << in_place << ", gaps " << input_gap << " and " << output_gap;
    EXPECT_TRUE(in_place || memcmp(&input[row * channels], other_input.row(row), channels * sizeof(float)) == 0)
        << "the input was written";
  }
  EXPECT_TRUE(other_input.is_untouched_between_rows());
  EXPECT_TRUE(other_output.is_untouched_between_rows());
  return 0;
}
