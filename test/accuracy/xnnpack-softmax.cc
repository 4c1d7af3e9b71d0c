#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <xnnpack.h>

#include "test/accuracy/peer-softmax.h"
#include "test/threadpool.h"

namespace xnnx_accuracy {
namespace {

struct OperatorDeleter {
  void operator()(xnn_operator_t op) const { xnn_delete_operator(op); }
};

using Operator = std::unique_ptr<std::remove_pointer_t<xnn_operator_t>, OperatorDeleter>;

void check(const char* function, enum xnn_status status)
{
  if (status != xnn_status_success) {
    throw std::runtime_error(std::string(function) + " returns status " + std::to_string(status));
  }
}

}  // namespace

void run_xnnpack_softmax(const Batch& batch)
{
  const Threadpool threadpool = make_threadpool(batch.threads);
  check("xnn_initialize", xnn_initialize(/*allocator=*/nullptr));
  xnn_operator_t created = nullptr;
  check(
      "xnn_create_softmax_nc_f32",
      xnn_create_softmax_nc_f32(batch.channels, batch.channels, batch.channels, /*flags=*/0, &created));
  const Operator op(created);
  check(
      "xnn_setup_softmax_nc_f32",
      xnn_setup_softmax_nc_f32(op.get(), batch.rows, batch.input, batch.output, threadpool.get()));
  check("xnn_run_operator", xnn_run_operator(op.get(), threadpool.get()));
}

}  // namespace xnnx_accuracy
