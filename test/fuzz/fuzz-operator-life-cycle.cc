// Any sequence of calls on several operators, with good and bad arguments, beside a model of what must come out:
// the statuses of include/xnnpack-softmax.h, an error that names function and value, and the last good state after it.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "src/xnnx/isa.h"
#include "src/xnnx/softmax-flags.h"
#include "test/fuzz/byte-reader.h"
#include "test/fuzz/fuzz-target.h"
#include "test/operator-fixture.h"

// Where memory runs out, as in operators of 2^58 channels, calls of it return NULL, as they do without the sanitizer.
extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1";
}

namespace {

constexpr size_t kOperators = 3;
constexpr size_t kMaxCalls = 40;
// All tensors lie in here; rows of several blocks and enough elements for several threads do.
constexpr size_t kMemoryFloats = 90000;

// The instruction sets, no limit, and what is none.
constexpr const char* kMaxIsas[] = {
#define XNNX_ISA(name, is_present) #name,
#include "src/xnnx/gen/isas.inc"
#undef XNNX_ISA
    "", "avx"};

constexpr char kCreate[] = "xnnx_create_softmax_nc_f32";
constexpr char kReshape[] = "xnnx_reshape_softmax_nc_f32";
constexpr char kSetup[] = "xnnx_setup_softmax_nc_f32";
constexpr char kRun[] = "xnnx_run_operator";

// What must come of a call: a status and, where that is a failure, what the error names.
struct Outcome {
  xnn_status status;
  std::string named;
};

const Outcome kSuccess = {xnn_status_success, ""};

Outcome invalid(const std::string& named) {
  return {xnn_status_invalid_parameter, named};
}

std::string text(const char* format, uintptr_t value) {
  char buffer[64];
  snprintf(buffer, sizeof(buffer), format, value);
  return buffer;
}

enum class State { kCreated, kReshaped, kReady };

struct Model {
  uint32_t flags = 0;
  State state = State::kCreated;
  Shape shape = {};
  uintptr_t input = 0;
  uintptr_t output = 0;
};

struct Slot {
  xnnx_operator_t op = nullptr;
  std::optional<Model> model;  // none: op is NULL
};

class Session {
 public:
  explicit Session(ByteReader* reader) : reader_(*reader), memory_(initial_memory()) {}
  ~Session() {
    for (Slot& slot : slots_) {
      EXPECT_EQ(xnnx_delete_operator(slot.op), xnn_status_success);
    }
  }

  void make_a_call() {
    Slot& slot = slots_[reader_.between(0, kOperators - 1)];
    const std::string description = xnnx_describe_operator(slot.op);
    const std::string error = xnnx_last_error();
    const size_t choice = reader_.between(0, 9);
    Outcome outcome = kSuccess;
    switch (choice) {
      case 0:
        create(&slot);
        return;
      case 1:
        delete_operator(&slot);
        return;
      case 2:
      case 3:
      case 4:
        outcome = reshape(&slot);
        break;
      case 5:
      case 6:
      case 7:
        outcome = setup(&slot);
        break;
      default:
        outcome = run(&slot);
        break;
    }
    if (outcome.status == xnn_status_success) {
      EXPECT_EQ(xnnx_last_error(), error) << "a call succeeded, and changed the last failure";
    } else {
      EXPECT_EQ(xnnx_describe_operator(slot.op), description) << "a call failed, and changed the operator";
    }
    // After a failure this shows that the last good state is still there.
    if (outcome.status != xnn_status_success && slot.model && slot.model->state == State::kReady) {
      run(&slot);
    }
  }

 private:
  static const Floats& initial_memory() {
    static const Floats floats = random_floats(kMemoryFloats, -20.0f, 20.0f);
    return floats;
  }

  pthreadpool_t any_pool() { return shared_pool(reader_.one_of(std::array<size_t, 4>{0, 1, 2, 3})); }

  void expect(const Outcome& outcome, xnn_status status, const char* function) {
    ASSERT_EQ(status, outcome.status) << function << ": " << outcome.named << ", " << xnnx_last_error();
    if (status != xnn_status_success) {
      const std::string error = xnnx_last_error();
      EXPECT_EQ(error.rfind(std::string(function) + ": ", 0), 0u) << error;
      EXPECT_NE(error.find(outcome.named), std::string::npos) << error << " does not name " << outcome.named;
    }
  }

  // Create.

  uint32_t any_flags() {
    switch (reader_.between(0, 3)) {
      case 0:
        return reader_.any<uint32_t>();
      case 1:
        return reader_.any<uint32_t>() & XNNX_SOFTMAX_FLAGS;
      default:
        return any_algorithm_flags();
    }
  }

  // Those of one algorithm, or of all at once.
  uint32_t any_algorithm_flags() {
    const size_t choice = reader_.between(0, std::size(kAlgorithms));
    return choice < std::size(kAlgorithms) ? kAlgorithms[choice].flags : XNNX_ALGORITHM_FLAGS;
  }

  static Outcome expected_of_create(uint32_t flags, const char* max_isa) {
    const uint32_t unknown = flags & 0xC0FFFFFF;
    if (unknown != 0) {
      return invalid(text("0x%08lx", unknown));
    }
    const int algorithms = (flags & XNNX_FLAG_BLOCKED ? 1 : 0) + (flags & XNNX_FLAG_TWO_PASS ? 1 : 0) +
                           (flags & XNNX_FLAG_THREE_PASS_RECOMPUTE ? 1 : 0) +
                           (flags & XNNX_FLAG_THREE_PASS_RELOAD ? 1 : 0);
    if (algorithms > 1) {
      return invalid(text("0x%08lx", flags));
    }
    if (max_isa[0] == '\0') {
      return kSuccess;
    }
    for (int isa = 0; isa < xnnx_isa_count; isa++) {
      if (strcmp(xnnx_isa_name(static_cast<enum xnnx_isa>(isa)), max_isa) == 0) {
        return kSuccess;
      }
    }
    return invalid(std::string("XNNX_MAX_ISA=") + max_isa);
  }

  void create(Slot* slot) {
    const uint32_t flags = any_flags();
    const char* max_isa = reader_.one_of(kMaxIsas);
    if (reader_.between(0, 15) == 0) {
      expect(invalid("op_out is NULL"), xnnx_create_softmax_nc_f32(flags, nullptr), kCreate);
      return;
    }
    delete_operator(slot);
    setenv("XNNX_MAX_ISA", max_isa, /*overwrite=*/1);
    slot->op = reinterpret_cast<xnnx_operator_t>(this);
    const Outcome outcome = expected_of_create(flags, max_isa);
    expect(outcome, xnnx_create_softmax_nc_f32(flags, &slot->op), kCreate);
    if (outcome.status == xnn_status_success) {
      EXPECT_NE(slot->op, nullptr);
      slot->model = Model{flags};
      EXPECT_STREQ(xnnx_describe_operator(slot->op), "softmax without a shape");
    } else {
      EXPECT_EQ(slot->op, nullptr);
    }
  }

  void delete_operator(Slot* slot) {
    EXPECT_EQ(xnnx_delete_operator(slot->op), xnn_status_success);
    *slot = Slot();
  }

  // Reshape.

  size_t any_size() {
    const size_t shift = reader_.between(0, 63);
    return (size_t{1} << shift) + reader_.any<int8_t>();
  }

  size_t any_channels() {
    switch (reader_.between(0, 15)) {
      case 0:
        return 0;
      case 1:
        // Either addressable with little memory for partial results, or with so much that no machine has it.
        return (size_t{1} << reader_.between(58, 63)) + reader_.any<int8_t>();
      case 2:
        return reader_.between(4090, 4100);
      case 3:
        return reader_.between(1, 20000);
      case 4:
        return reader_.between(20000, 44000);
      default:
        return reader_.between(1, 40);
    }
  }

  size_t any_stride(size_t channels) {
    switch (reader_.between(0, 7)) {
      case 0:
        return any_size();
      case 1:
        return channels - 1;
      case 2:
      case 3:
        return channels + reader_.between(0, 100);
      default:
        return channels;
    }
  }

  static bool fits_size(size_t stride, size_t batch_size) {
    // Compared in elements: times the bytes of one, 2^63 rows of 2^63 would be 2^128, which 128 bits do not hold.
    return static_cast<unsigned __int128>(stride) * batch_size <= SIZE_MAX / sizeof(float);
  }

  static Outcome expected_of_reshape(const Slot& slot, const Shape& shape) {
    if (!slot.model) {
      return invalid("op is NULL");
    }
    if (shape.channels == 0) {
      return invalid("channels is 0");
    }
    const std::pair<const char*, size_t> strides[] = {
        {"input_stride ", shape.input_stride}, {"output_stride ", shape.output_stride}};
    for (const auto& [name, stride] : strides) {
      if (stride < shape.channels) {
        return invalid(name + std::to_string(stride) + " is less than channels " + std::to_string(shape.channels));
      }
    }
    for (const auto& [name, stride] : strides) {
      if (!fits_size(stride, shape.batch_size)) {
        return {
            xnn_status_unsupported_parameter,
            "batch_size " + std::to_string(shape.batch_size) + " x " + name + std::to_string(stride)};
      }
    }
    if (shape.channels >= size_t{1} << 50 && shape.batch_size != 0) {
      return {xnn_status_out_of_memory, std::to_string(shape.channels)};
    }
    return kSuccess;
  }

  Outcome reshape(Slot* slot) {
    Shape shape;
    shape.channels = any_channels();
    shape.input_stride = any_stride(shape.channels);
    shape.output_stride = reader_.flag() ? any_stride(shape.channels) : shape.input_stride;
    shape.batch_size = reader_.between(0, 7) == 0 ? any_size() : reader_.between(0, 9);
    const Outcome outcome = expected_of_reshape(*slot, shape);
    expect(
        outcome,
        xnnx_reshape_softmax_nc_f32(
            slot->op, shape.channels, shape.input_stride, shape.output_stride, shape.batch_size, any_pool()),
        kReshape);
    if (outcome.status == xnn_status_success) {
      slot->model->shape = shape;
      slot->model->state = State::kReshaped;
      const std::string start =
          "softmax " + std::to_string(shape.batch_size) + " x " + std::to_string(shape.channels) + ": ";
      EXPECT_EQ(std::string(xnnx_describe_operator(slot->op)).rfind(start, 0), 0u) << xnnx_describe_operator(slot->op);
    }
    return outcome;
  }

  // Setup.

  static bool is_modest(const Shape& shape) {
    return std::max({shape.batch_size, shape.input_stride, shape.output_stride}) < kMemoryFloats;
  }

  // From the start of the first row to the end of the last.
  static size_t extent(const Shape& shape, size_t stride) {
    return shape.batch_size == 0 ? 0 : (shape.batch_size - 1) * stride + shape.channels;
  }

  // Any place in the memory, or one near `other` and the ends of its tensor.
  uintptr_t any_pointer(const Shape& shape, size_t stride, uintptr_t other) {
    const uintptr_t start = reinterpret_cast<uintptr_t>(memory_.data());
    const size_t room = kMemoryFloats - (is_modest(shape) ? std::min(extent(shape, stride), kMemoryFloats) : 0);
    switch (reader_.between(0, 15)) {
      case 0:
        return 0;
      case 1:
        return start + reader_.between(0, 4 * room);
      case 2:
      case 3:
        return other == 0 ? start : other;
      case 4:
        return (other == 0 ? start : other) + sizeof(float) * reader_.any<int8_t>();
      case 5:
        return (other == 0 ? start : other) + sizeof(float) * (extent(shape, stride) + reader_.any<int8_t>());
      case 6:
        return start;
      default:
        return start + sizeof(float) * reader_.between(0, room);
    }
  }

  // By comparing every input row with every output row; none where the shape is too large for that, or where the header
  // leaves it open: rows at different strides that interleave without sharing an element.
  static std::optional<bool> overlap_in_part(const Shape& shape, uintptr_t input, uintptr_t output) {
    const bool same_places = shape.input_stride == shape.output_stride || shape.batch_size == 1;
    if (input == output && same_places) {
      return false;
    }
    const ptrdiff_t distance = static_cast<ptrdiff_t>(output - input) / static_cast<ptrdiff_t>(sizeof(float));
    if (!is_modest(shape)) {
      return std::nullopt;
    }
    if (distance >= static_cast<ptrdiff_t>(extent(shape, shape.input_stride)) ||
        -distance >= static_cast<ptrdiff_t>(extent(shape, shape.output_stride))) {
      return false;
    }
    if (shape.batch_size > 200) {
      return std::nullopt;
    }
    for (size_t input_row = 0; input_row < shape.batch_size; input_row++) {
      for (size_t output_row = 0; output_row < shape.batch_size; output_row++) {
        const ptrdiff_t between_rows = distance + static_cast<ptrdiff_t>(output_row * shape.output_stride) -
                                       static_cast<ptrdiff_t>(input_row * shape.input_stride);
        if (static_cast<size_t>(std::abs(between_rows)) < shape.channels) {
          return true;
        }
      }
    }
    return same_places ? std::optional<bool>(false) : std::nullopt;
  }

  // None: either success or an error that names both pointers.
  static std::optional<Outcome> expected_of_setup(const Slot& slot, uintptr_t input, uintptr_t output) {
    if (!slot.model) {
      return invalid("op is NULL");
    }
    if (slot.model->state == State::kCreated) {
      return Outcome{xnn_status_invalid_state, "the operator has no shape"};
    }
    if (slot.model->shape.batch_size == 0) {
      return kSuccess;
    }
    const std::pair<const char*, uintptr_t> pointers[] = {{"input ", input}, {"output ", output}};
    for (const auto& [name, pointer] : pointers) {
      if (pointer == 0) {
        return invalid(name + std::string("is NULL"));
      }
      if (pointer % sizeof(float) != 0) {
        return invalid(name + text("0x%lx is not aligned", pointer));
      }
    }
    const std::optional<bool> overlap = overlap_in_part(slot.model->shape, input, output);
    if (!overlap) {
      return std::nullopt;
    }
    return *overlap ? invalid(text("input 0x%lx", input) + text(" and output 0x%lx overlap", output)) : kSuccess;
  }

  Outcome setup(Slot* slot) {
    const Shape shape = slot->model ? slot->model->shape : Shape{};
    const uintptr_t input = any_pointer(shape, shape.input_stride, 0);
    const uintptr_t output = any_pointer(shape, shape.output_stride, input);
    const std::optional<Outcome> expected = expected_of_setup(*slot, input, output);
    const xnn_status status = xnnx_setup_softmax_nc_f32(
        slot->op, reinterpret_cast<const float*>(input), reinterpret_cast<float*>(output));
    const Outcome outcome =
        expected ? *expected
                 : status == xnn_status_success ? kSuccess : invalid(text("output 0x%lx overlap in part", output));
    expect(outcome, status, kSetup);
    if (outcome.status == xnn_status_success) {
      slot->model->input = input;
      slot->model->output = output;
      slot->model->state = State::kReady;
    }
    return outcome;
  }

  // Run.

  bool lies_in_memory(const Shape& shape, size_t stride, uintptr_t pointer) const {
    const uintptr_t start = reinterpret_cast<uintptr_t>(memory_.data());
    const uintptr_t end = start + kMemoryFloats * sizeof(float);
    return is_modest(shape) && pointer >= start && pointer < end &&
           extent(shape, stride) <= (end - pointer) / sizeof(float);
  }

  bool may_run(const Model& model) const {
    return model.shape.batch_size == 0 || (lies_in_memory(model.shape, model.shape.input_stride, model.input) &&
                                           lies_in_memory(model.shape, model.shape.output_stride, model.output));
  }

  Outcome run(Slot* slot) {
    Outcome outcome = kSuccess;
    if (!slot->model) {
      outcome = invalid("op is NULL");
    } else if (slot->model->state != State::kReady) {
      outcome = {xnn_status_invalid_state, "the softmax operator was not set up since its last reshape"};
    } else if (!may_run(*slot->model)) {
      return outcome;
    }
    memory_ = initial_memory();
    expect(outcome, xnnx_run_operator(slot->op, any_pool()), kRun);
    if (outcome.status == xnn_status_success) {
      EXPECT_STREQ(xnnx_describe_operator(slot->op), xnnx_describe_last_run());
    }
    expect_memory_after(outcome.status == xnn_status_success ? *slot->model : Model());
    return outcome;
  }

  // Every element of an output row is the softmax, and every other is what it was.
  void expect_memory_after(const Model& ran) {
    const Floats& before = initial_memory();
    const size_t input = (ran.input - reinterpret_cast<uintptr_t>(memory_.data())) / sizeof(float);
    const size_t output = (ran.output - reinterpret_cast<uintptr_t>(memory_.data())) / sizeof(float);
    size_t unchanged_from = 0;
    for (size_t row = 0; row < ran.shape.batch_size; row++) {
      const size_t row_start = output + row * ran.shape.output_stride;
      expect_softmax(&memory_[row_start], &before[input + row * ran.shape.input_stride], ran.shape.channels);
      expect_unchanged(unchanged_from, row_start);
      unchanged_from = row_start + ran.shape.channels;
    }
    expect_unchanged(unchanged_from, kMemoryFloats);
  }

  void expect_unchanged(size_t from, size_t to) {
    ASSERT_LE(from, to);
    EXPECT_EQ(memcmp(&memory_[from], &initial_memory()[from], (to - from) * sizeof(float)), 0)
        << "outside of the output's rows, between elements " << from << " and " << to;
  }

  ByteReader& reader_;
  Floats memory_;
  Slot slots_[kOperators];
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t byte_count) {
  ByteReader reader(bytes, byte_count);
  Session session(&reader);
  for (size_t call = 0; call < kMaxCalls && !reader.is_empty(); call++) {
    session.make_a_call();
  }
  return 0;
}
