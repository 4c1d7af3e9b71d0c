// XNNPACK's softmax operator, the same to use whatever XNNPACK is installed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <xnnpack.h>

// XNNPACKs from before June 2023 do not have it.
extern "C" xnn_status xnn_reshape_softmax_nc_f32(xnn_operator_t, size_t, size_t, size_t, size_t, pthreadpool_t);

// For functions of XNNPACK that create an operator, and which took its shape until June 2023.
template <typename Create>
constexpr bool kCreatesWithShape = std::is_invocable_v<Create, size_t, size_t, size_t, uint32_t, xnn_operator_t*>;

// Creates an operator of rows with `create`, a function that has the shape or gets it later.
template <typename Create>
xnn_status create_xnnpack_operator(
    Create* create, size_t channels, size_t input_stride, size_t output_stride, uint32_t flags, xnn_operator_t* op_out)
{
  if constexpr (kCreatesWithShape<Create*>) {
    return create(channels, input_stride, output_stride, flags, op_out);
  } else {
    return create(flags, op_out);
  }
}

// Owned by its user, who calls destroy().
class XnnpackSoftmax {
 public:
  explicit XnnpackSoftmax(xnn_operator_t op = nullptr) : operator_(op) {}

  xnn_status create(size_t channels, size_t input_stride, size_t output_stride, uint32_t flags)
  {
    channels_ = channels;
    input_stride_ = input_stride;
    output_stride_ = output_stride;
    return create_xnnpack_operator(
        xnn_create_softmax_nc_f32, channels, input_stride, output_stride, flags, &operator_);
  }

  xnn_status set_up(size_t batch_size, const float* input, float* output, pthreadpool_t threadpool)
  {
    return set_up_with(xnn_create_softmax_nc_f32, xnn_setup_softmax_nc_f32, batch_size, input, output, threadpool);
  }

  xnn_status run(pthreadpool_t threadpool) { return xnn_run_operator(operator_, threadpool); }

  xnn_status destroy() { return xnn_delete_operator(operator_); }

  // NULL where it could not be created.
  xnn_operator_t get() const { return operator_; }

 private:
  template <typename Create, typename SetUp>
  xnn_status set_up_with(
      Create*, SetUp* set_up, size_t batch_size, const float* input, float* output, pthreadpool_t threadpool)
  {
    if constexpr (kCreatesWithShape<Create*>) {
      return set_up(operator_, batch_size, input, output, threadpool);
    } else {
      const xnn_status status =
          xnn_reshape_softmax_nc_f32(operator_, channels_, input_stride_, output_stride_, batch_size, threadpool);
      return status != xnn_status_success ? status : set_up(operator_, input, output);
    }
  }

  xnn_operator_t operator_ = nullptr;
  size_t channels_ = 0;
  size_t input_stride_ = 0;
  size_t output_stride_ = 0;
};
