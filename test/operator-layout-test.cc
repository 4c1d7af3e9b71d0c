// Where the operator reads and writes: strides, batches, alignment, in place. The same bits for any number of threads.

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "src/operators/softmax-row.h"
#include "src/xnnx/softmax-algorithm.h"
#include "test/guarded-buffer.h"
#include "test/operator-fixture.h"

namespace {

constexpr size_t kBlock = XNNX_BLOCK_ELEMENTS;

class OperatorLayoutTest : public OperatorTest {};

// The rows of a tensor behind each other, without what lies between them.
Floats dense_rows(const Floats& tensor, size_t batch_size, size_t channels, size_t stride) {
  Floats rows;
  for (size_t row = 0; row < batch_size; row++) {
    rows.insert(rows.end(), tensor.begin() + row * stride, tensor.begin() + row * stride + channels);
  }
  return rows;
}

// The first of always the same random floats, for tensors of millions.
Floats first_random_floats(size_t count) {
  static Floats floats;
  if (floats.size() < count) {
    floats = random_floats(count, -10.0f, 10.0f);
  }
  return Floats(floats.begin(), floats.begin() + count);
}

bool same_bits(const Floats& a, const Floats& b) {
  return a.size() == b.size() && memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// What the operator gives for dense rows, one after the other; each of them is right.
Floats rows_one_by_one(const OperatorPointer& op, const Floats& input, size_t channels) {
  Floats output(input.size());
  for (size_t start = 0; start < input.size(); start += channels) {
    run_softmax(op, dense_shape(1, channels), &input[start], &output[start]);
    expect_softmax(&output[start], &input[start], channels);
  }
  return output;
}

// Reshape for one number of threads, and run on another.
void run_on_other_threads(
    const OperatorPointer& op, const Shape& shape, const float* input, float* output, size_t reshape_threads,
    size_t run_threads) {
  ASSERT_EQ(
      xnnx_reshape_softmax_nc_f32(
          op.get(), shape.channels, shape.input_stride, shape.output_stride, shape.batch_size,
          shared_pool(reshape_threads)),
      xnn_status_success);
  ASSERT_EQ(xnnx_setup_softmax_nc_f32(op.get(), input, output), xnn_status_success);
  ASSERT_EQ(xnnx_run_operator(op.get(), shared_pool(run_threads)), xnn_status_success);
}

// The number of threads changes which rows and blocks a task has, which reshape decides, and which thread takes it, which
// is seen with few of them. Where there are more threads than cores, the waiting ones keep the others from working.
void run_as_on_threads(
    const OperatorPointer& op, const Shape& shape, const float* input, float* output, size_t thread_count) {
  run_on_other_threads(op, shape, input, output, thread_count, std::min<size_t>(thread_count, 2));
}

// What the operator was last set up for: whether its stores go past the caches.
bool streams(const OperatorPointer& op) {
  return std::string(xnnx_describe_operator(op.get())).find("past the caches") != std::string::npos;
}

// The algorithms that do not read their output again, and the blocked one where a row may wait for the next one.
bool should_stream(const OperatorPointer& op, size_t channels) {
  const std::string description = xnnx_describe_operator(op.get());
  const bool is_blocked = description.find("blocked") != std::string::npos;
  return is_blocked ? xnnx_row_may_wait_in_cache(channels)
                    : description.find("three_pass_reload") == std::string::npos;
}

// Calls beyond the caches, whose output goes past them: the same bits as in place, where it does not, and as with
// XNNX_FLAG_KEEP_OUTPUT_IN_CACHE. Rows end within cache lines, and some of them are not ordinary.
TEST_P(OperatorLayoutTest, PastTheCaches) {
  const OperatorPointer op = create();
  const OperatorPointer keeping_op = create(XNNX_FLAG_KEEP_OUTPUT_IN_CACHE);
  for (const size_t channels : {size_t{600}, kBlock, 9 * kBlock + 5}) {
    size_t batch_size = 13;  // enough for the rows that are not ordinary, however small the caches
    while (!xnnx_tensors_exceed_caches(batch_size * channels)) {
      batch_size++;
    }
    const size_t stride = channels + 3;
    const Shape shape = {batch_size, channels, stride, stride};
    Floats input = first_random_floats(batch_size * stride);
    input[2 * stride + 5] = NAN;
    input[3 * stride + 5] = 1e20f;
    std::fill_n(input.begin() + 4 * stride, channels, -1e20f);
    input[5 * stride + 5] = -INFINITY;
    input[6 * stride + 500] = 100.0f;  // behind the elements that the maximum is estimated from
    input[7 * stride + 5] = -1e20f;
    input[8 * stride + 5] = 1e20f;  // behind a row that waits to leave
    input[9 * stride + 5] = -NAN;
    // Another block than the first one: it makes the others nearly nothing, or is masked.
    const size_t last_block_start = (channels - 1) / kBlock * kBlock;
    input[10 * stride + last_block_start] = 92.0f;
    std::fill_n(input.begin() + 11 * stride + last_block_start, channels - last_block_start, -INFINITY);
    input[(batch_size - 1) * stride + 5] = INFINITY;
    const size_t misalignment = 3;
    Floats kept(misalignment + input.size(), -2.0f);
    run_softmax(keeping_op, shape, input.data(), &kept[misalignment]);
    EXPECT_FALSE(streams(keeping_op)) << xnnx_describe_operator(keeping_op.get());
    for (size_t row = 0; row < batch_size; row += row < 12 ? 1 : batch_size / 8) {
      expect_softmax(&kept[misalignment + row * stride], &input[row * stride], channels);
    }
    Floats streamed(kept.size());
    for (const size_t thread_count : {0, 3}) {
      streamed.assign(streamed.size(), -2.0f);
      run_as_on_threads(op, shape, input.data(), &streamed[misalignment], thread_count);
      EXPECT_EQ(streams(op), should_stream(op, channels)) << xnnx_describe_operator(op.get());
      ASSERT_TRUE(same_bits(streamed, kept)) << channels << " channels, " << thread_count << " threads";
    }
    run_softmax(op, shape, input.data(), input.data());
    EXPECT_FALSE(streams(op)) << xnnx_describe_operator(op.get());
    for (size_t row = 0; row < batch_size; row++) {
      ASSERT_EQ(memcmp(&input[row * stride], &kept[misalignment + row * stride], channels * sizeof(float)), 0)
          << "row " << row << " of " << channels << " channels, in place";
    }
  }
}

// Where each row is spread over all threads there is no next row that it could wait for.
TEST_P(OperatorLayoutTest, FewerRowsThanThreadsDoNotWait) {
  const OperatorPointer op = create();
  Shape shape = dense_shape(7, XNNX_CACHED_ROW_CHANNELS + 1);
  while (!xnnx_tensors_exceed_caches(shape.batch_size * shape.channels)) {
    shape = dense_shape(shape.batch_size, shape.channels + kBlock);
  }
  const Floats input = first_random_floats(shape.batch_size * shape.channels);
  Floats output(input.size());
  run_softmax(op, shape, input.data(), output.data());
  EXPECT_EQ(streams(op), should_stream(op, shape.channels)) << xnnx_describe_operator(op.get());
  Floats output_of_threads(input.size());
  run_as_on_threads(op, shape, input.data(), output_of_threads.data(), /*thread_count=*/8);
  const bool is_blocked = std::string(xnnx_describe_operator(op.get())).find("blocked") != std::string::npos;
  EXPECT_EQ(streams(op), !is_blocked && should_stream(op, shape.channels)) << xnnx_describe_operator(op.get());
  ASSERT_TRUE(same_bits(output, output_of_threads));
}

// Strided rows with that number between those of the input, and one that softmax never gives between those of the output.
void check_gaps(const OperatorPointer& op, const Shape& shape, const Floats& rows, float between_inputs) {
  Floats input(shape.batch_size * shape.input_stride, between_inputs);
  for (size_t row = 0; row < shape.batch_size; row++) {
    std::copy_n(&rows[row * shape.channels], shape.channels, &input[row * shape.input_stride]);
  }
  Floats output(shape.batch_size * shape.output_stride, -2.0f);
  run_softmax(op, shape, input.data(), output.data());
  const Floats output_rows = dense_rows(output, shape.batch_size, shape.channels, shape.output_stride);
  ASSERT_TRUE(same_bits(output_rows, rows_one_by_one(op, rows, shape.channels)));
  for (size_t i = 0; i < output.size(); i++) {
    if (i % shape.output_stride >= shape.channels) {
      ASSERT_EQ(output[i], -2.0f) << "between rows, at " << i;
    }
  }
}

TEST_P(OperatorLayoutTest, Strides) {
  const OperatorPointer op = create();
  for (const size_t channels : {size_t{1}, size_t{7}, size_t{40}, size_t{100}, size_t{300}, kBlock + 3}) {
    for (const size_t batch_size : {size_t{1}, size_t{2}, channels < kBlock ? size_t{40} : size_t{5}}) {
      for (const size_t input_gap : {0, 1, 13}) {
        for (const size_t output_gap : {0, 1, 29}) {
          const Shape shape = {batch_size, channels, channels + input_gap, channels + output_gap};
          const Floats rows = random_floats(batch_size * channels, -10.0f, 10.0f);
          ASSERT_NO_FATAL_FAILURE(check_gaps(op, shape, rows, NAN));
          // A group in which a NaN is read is computed again, row by row, and so it would not show; an ordinary number does.
          ASSERT_NO_FATAL_FAILURE(check_gaps(op, shape, rows, 9.0f));
        }
      }
    }
  }
}

// A long row; as many rows as threads, fewer, some more; many short rows, around the sizes of kernels' tiles and of
// blocks. Even numbers of threads have dense rows, odd ones rows with gaps in place.
TEST_P(OperatorLayoutTest, ThreadsGiveTheSameBits) {
  const struct {
    size_t batch_size;
    size_t channels;
  } shapes[] = {
      {1, 10},         {1, 12 * kBlock + 17}, {5, 2 * kBlock + 3}, {9, kBlock + 1}, {9, kBlock},
      {9, kBlock - 1}, {300, 256},            {302, 129},          {701, 48},       {5000, 13},  {40001, 1},
  };
  for (const auto& [batch_size, channels] : shapes) {
    Floats input = random_floats(batch_size * channels, -10.0f, 10.0f);
    input[input.size() / 2] = 1e20f;  // one row that takes another way
    const OperatorPointer op = create();
    const Floats expected = rows_one_by_one(op, input, channels);
    for (const size_t thread_count : {0, 1, 2, 3, 5, 8}) {
      const size_t gap = thread_count % 2 == 0 ? 0 : 3;
      const Shape shape = {batch_size, channels, channels + gap, channels + gap};
      Floats tensor(batch_size * shape.input_stride, NAN);
      for (size_t row = 0; row < batch_size; row++) {
        std::copy_n(&input[row * channels], channels, &tensor[row * shape.input_stride]);
      }
      Floats other_tensor(tensor.size());
      Floats& output = gap == 0 ? other_tensor : tensor;
      run_as_on_threads(op, shape, tensor.data(), output.data(), thread_count);
      ASSERT_TRUE(same_bits(dense_rows(output, batch_size, channels, shape.output_stride), expected))
          << batch_size << " x " << channels << ", " << thread_count << " threads";
      expect_variant_ran(op);
    }
  }
}

// So many threads that some have nothing to do, or wait for a core: all of them run.
TEST_P(OperatorLayoutTest, ManyThreadsGiveTheSameBits) {
  const Shape shape = dense_shape(9, kBlock + 1);
  const Floats input = random_floats(shape.batch_size * shape.channels, -10.0f, 10.0f);
  const OperatorPointer op = create();
  const Floats expected = rows_one_by_one(op, input, shape.channels);
  Floats output(input.size());
  run_softmax(op, shape, input.data(), output.data(), shared_pool(8));
  ASSERT_TRUE(same_bits(output, expected));
}

// The first float of `memory` at `offset` from the start of a cache line.
float* at_offset(Floats& memory, size_t offset) {
  constexpr size_t kLine = 16;
  const size_t start = reinterpret_cast<uintptr_t>(memory.data()) / sizeof(float) % kLine;
  return memory.data() + (kLine - start) % kLine + offset;
}

TEST_P(OperatorLayoutTest, AlignmentsGiveTheSameBits) {
  const OperatorPointer op = create();
  for (const size_t channels : {size_t{1}, size_t{7}, size_t{16}, size_t{33}, size_t{100}, size_t{300}, kBlock + 33}) {
    const Floats row = random_floats(channels, -10.0f, 10.0f);
    const Floats expected = rows_one_by_one(op, row, channels);
    Floats input_memory(channels + 32);
    Floats output_memory(channels + 32);
    for (size_t input_offset = 0; input_offset < 16; input_offset++) {
      float* input = at_offset(input_memory, input_offset);
      for (size_t output_offset = 0; output_offset < 16; output_offset++) {
        float* output = at_offset(output_memory, output_offset);
        std::copy(row.begin(), row.end(), input);
        std::fill_n(output, channels, -1.0f);
        run_softmax(op, dense_shape(1, channels), input, output);
        ASSERT_TRUE(same_bits(Floats(output, output + channels), expected))
            << channels << " channels, from " << input_offset << " to " << output_offset << " floats into a line";
      }
      run_softmax(op, dense_shape(1, channels), input, input);
      ASSERT_TRUE(same_bits(Floats(input, input + channels), expected))
          << channels << " channels in place, " << input_offset << " floats into a line";
    }
  }
}

// The same where input and output together exceed the caches.
TEST_P(OperatorLayoutTest, AVeryLongRowGivesTheSameBits) {
  const OperatorPointer op = create();
  size_t channels = kBlock + 5;
  while (!xnnx_tensors_exceed_caches(channels)) {
    channels += kBlock;
  }
  static const Floats row = first_random_floats(channels);
  static const xnnx_accuracy::ExactSoftmax exact(row.data(), channels);
  const Floats expected = softmax_of(op, row);
  expect_softmax(expected.data(), row.data(), channels, exact);
  Floats input_memory(channels + 32);
  Floats output_memory(channels + 32);
  const struct {
    size_t input_offset;
    size_t output_offset;
    size_t thread_count;
  } cases[] = {{0, 0, 0}, {0, 1, 3}, {6, 13, 0}, {6, 13, 3}};
  for (const auto& [input_offset, output_offset, thread_count] : cases) {
    float* input = at_offset(input_memory, input_offset);
    float* output = at_offset(output_memory, output_offset);
    std::copy(row.begin(), row.end(), input);
    run_as_on_threads(op, dense_shape(1, channels), input, output, thread_count);
    ASSERT_EQ(memcmp(output, expected.data(), channels * sizeof(float)), 0)
        << thread_count << " threads, from " << input_offset << " to " << output_offset << " floats into a line";
    EXPECT_EQ(streams(op), should_stream(op, channels)) << xnnx_describe_operator(op.get());
    run_as_on_threads(op, dense_shape(1, channels), input, input, thread_count);
    ASSERT_EQ(memcmp(input, expected.data(), channels * sizeof(float)), 0)
        << thread_count << " threads in place, " << input_offset << " floats into a line";
    EXPECT_FALSE(streams(op)) << xnnx_describe_operator(op.get());
  }
}

// reshape plans for a pool, and run may be given another one.
TEST_P(OperatorLayoutTest, RunOnAnotherPoolThanReshape) {
  const Shape shape = dense_shape(5, 3 * kBlock + 5);
  const Floats input = random_floats(shape.batch_size * shape.channels, -10.0f, 10.0f);
  const OperatorPointer op = create();
  const Floats expected = rows_one_by_one(op, input, shape.channels);
  for (const auto& [reshape_threads, run_threads] : {std::pair<size_t, size_t>{0, 2}, {3, 0}, {2, 3}, {4, 2}}) {
    Floats output(input.size(), -1.0f);
    run_on_other_threads(op, shape, input.data(), output.data(), reshape_threads, run_threads);
    ASSERT_TRUE(same_bits(output, expected)) << reshape_threads << " and " << run_threads << " threads";
  }
}

TEST_P(OperatorLayoutTest, InPlace) {
  for (const size_t channels : {size_t{1}, size_t{37}, size_t{1000}, kBlock + 7, 20 * kBlock + 1}) {
    for (const size_t gap : {0, 3}) {
      const Shape shape = {channels < kBlock ? size_t{40} : size_t{4}, channels, channels + gap, channels + gap};
      Floats tensor = random_floats(shape.batch_size * shape.input_stride, -10.0f, 10.0f);
      tensor[shape.input_stride] = 1e9f;  // a row that takes another way
      const Floats original = tensor;
      const OperatorPointer op = create();
      Floats expected = original;
      for (size_t row = 0; row < shape.batch_size; row++) {
        const float* input = &original[row * shape.input_stride];
        run_softmax(op, dense_shape(1, channels), input, &expected[row * shape.input_stride]);
        expect_softmax(&expected[row * shape.input_stride], input, channels);
      }
      run_as_on_threads(op, shape, tensor.data(), tensor.data(), /*thread_count=*/3);
      ASSERT_TRUE(same_bits(tensor, expected)) << channels << " channels, gap " << gap;
    }
  }
}

TEST_P(OperatorLayoutTest, ColumnsOfOneMatrix) {
  const size_t channels = 50;
  const Shape shape = {40, channels, 2 * channels, 2 * channels};
  Floats matrix = random_floats(shape.batch_size * shape.input_stride, -10.0f, 10.0f);
  const Floats input = dense_rows(matrix, shape.batch_size, channels, shape.input_stride);
  const OperatorPointer op = create();
  run_softmax(op, shape, matrix.data(), &matrix[channels]);
  matrix.resize(matrix.size() + channels);  // so that the second column has as many elements as the first
  const Floats left = dense_rows(matrix, shape.batch_size, channels, shape.input_stride);
  const Floats right = dense_rows(
      Floats(matrix.begin() + channels, matrix.end()), shape.batch_size, channels, shape.input_stride);
  EXPECT_TRUE(same_bits(left, input));
  EXPECT_TRUE(same_bits(right, rows_one_by_one(op, input, channels)));
}

TEST_P(OperatorLayoutTest, GuardPagesAndAlignment) {
  const OperatorPointer op = create();
  for (const size_t channels : {size_t{1}, size_t{15}, size_t{65}, size_t{300}, kBlock, kBlock + 1, 2 * kBlock + 77}) {
    GuardedBuffer input_buffer(channels + 16);
    GuardedBuffer output_buffer(channels + 16);
    const Floats input = random_floats(channels, -10.0f, 10.0f);
    const Floats expected = rows_one_by_one(op, input, channels);
    for (size_t offset = 0; offset < 16; offset++) {
      for (const bool after : {true, false}) {
        const auto place = after ? &GuardedBuffer::row_after_guard : &GuardedBuffer::row_before_guard;
        float* row = (input_buffer.*place)(channels, offset);
        float* output = (output_buffer.*place)(channels, offset / 3);
        memcpy(row, input.data(), channels * sizeof(float));
        run_softmax(op, dense_shape(1, channels), row, output);
        ASSERT_TRUE(same_bits(Floats(output, output + channels), expected)) << channels << " channels, " << offset;
        ASSERT_TRUE(same_bits(Floats(row, row + channels), input));
        ASSERT_TRUE(input_buffer.is_untouched_outside_row() && output_buffer.is_untouched_outside_row());
      }
    }
  }
}

// Rows so far apart that offsets need more than 32 bits, in elements and in bytes. Only the rows have memory.
TEST_P(OperatorLayoutTest, RowsFarApart) {
  const OperatorPointer op = create();
  for (const size_t channels : {size_t{3}, size_t{1000}, 2 * kBlock + 5}) {
    const size_t stride = (size_t{3} << 29) + 5;
    const Shape shape = {6, channels, stride, stride};
    const size_t bytes = (shape.batch_size * stride) * sizeof(float);
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    float* tensor = static_cast<float*>(memory);
    Floats rows = random_floats(shape.batch_size * channels, -10.0f, 10.0f);
    rows[3 * channels] = 1e20f;  // a row that takes another way, behind which the others begin anew
    const Floats expected = rows_one_by_one(op, rows, channels);
    for (const size_t thread_count : {0, 3}) {
      for (size_t row = 0; row < shape.batch_size; row++) {
        std::copy_n(&rows[row * channels], channels, tensor + row * stride);
      }
      run_as_on_threads(op, shape, tensor, tensor, thread_count);
      for (size_t row = 0; row < shape.batch_size; row++) {
        ASSERT_EQ(memcmp(tensor + row * stride, &expected[row * channels], channels * sizeof(float)), 0)
            << "row " << row << " of " << channels << " channels, " << thread_count << " threads";
      }
    }
    ASSERT_EQ(munmap(memory, bytes), 0);
  }
}

TEST_P(OperatorLayoutTest, EmptyBatchTouchesNothing) {
  const OperatorPointer op = create();
  float input = 1.0f;
  float output = -1.0f;
  run_softmax(op, dense_shape(0, 1), &input, &output);
  run_softmax(op, dense_shape(0, 100000), nullptr, nullptr);
  run_softmax(op, dense_shape(0, SIZE_MAX), nullptr, nullptr);
  EXPECT_EQ(input, 1.0f);
  EXPECT_EQ(output, -1.0f);
}

INSTANTIATE_TEST_SUITE_P(
    All, OperatorLayoutTest, testing::ValuesIn(all_operator_variants()), operator_variant_name);

}  // namespace
