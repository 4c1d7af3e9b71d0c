#include <xnnpack.h>

#include "bench/compare/implementation.h"

namespace xnnx_bench {
namespace {

class Xnnpack : public Implementation {
 public:
  explicit Xnnpack(const Task& task) : threadpool_(task.threadpool)
  {
    check("xnn_initialize", xnn_initialize(/*allocator=*/nullptr));
    check(
        "xnn_create_softmax_nc_f32",
        xnn_create_softmax_nc_f32(task.channels, task.channels, task.channels, /*flags=*/0, &operator_));
    check(
        "xnn_setup_softmax_nc_f32",
        xnn_setup_softmax_nc_f32(operator_, task.rows, task.input, task.output, task.threadpool));
  }
  ~Xnnpack() override { xnn_delete_operator(operator_); }

  void run() override { xnn_run_operator(operator_, threadpool_); }

 private:
  void check(const char* function, xnn_status status)
  {
    if (status != xnn_status_success) {
      if (operator_ != nullptr) {
        xnn_delete_operator(operator_);
      }
      throw Unavailable(std::string(function) + " returns status " + std::to_string(status));
    }
  }

  xnn_operator_t operator_ = nullptr;
  pthreadpool_t threadpool_;
};

}  // namespace

std::unique_ptr<Implementation> make_xnnpack(const Task& task)
{
  return std::make_unique<Xnnpack>(task);
}

}  // namespace xnnx_bench
