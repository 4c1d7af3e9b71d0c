#include <stdexcept>
#include <string>

#include "test/accuracy/peer-softmax.h"
#include "test/peers/xnnpack-operator.h"
#include "test/threadpool.h"

namespace xnnx_accuracy {
namespace {

struct Softmax : XnnpackSoftmax {
  ~Softmax()
  {
    if (get() != nullptr) {
      destroy();
    }
  }
};

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
  Softmax softmax;
  check(
      "xnn_create_softmax_nc_f32",
      softmax.create(batch.channels, batch.channels, batch.channels, /*flags=*/0));
  check(
      "xnn_setup_softmax_nc_f32",
      softmax.set_up(batch.rows, batch.input, batch.output, threadpool.get()));
  check("xnn_run_operator", softmax.run(threadpool.get()));
}

}  // namespace xnnx_accuracy
