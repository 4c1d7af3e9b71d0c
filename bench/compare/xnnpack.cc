#include "bench/compare/implementation.h"
#include "test/peers/xnnpack-operator.h"

namespace xnnx_bench {
namespace {

class Xnnpack : public Implementation {
 public:
  explicit Xnnpack(const Task& task) : threadpool_(task.threadpool)
  {
    check("xnn_initialize", xnn_initialize(/*allocator=*/nullptr));
    check(
        "xnn_create_softmax_nc_f32",
        softmax_.create(task.channels, task.channels, task.channels, /*flags=*/0));
    check(
        "xnn_setup_softmax_nc_f32",
        softmax_.set_up(task.rows, task.input, task.output, task.threadpool));
  }
  ~Xnnpack() override { softmax_.destroy(); }

  void run() override { softmax_.run(threadpool_); }

 private:
  void check(const char* function, xnn_status status)
  {
    if (status != xnn_status_success) {
      if (softmax_.get() != nullptr) {
        softmax_.destroy();
      }
      throw Unavailable(std::string(function) + " returns status " + std::to_string(status));
    }
  }

  XnnpackSoftmax softmax_;
  pthreadpool_t threadpool_;
};

}  // namespace

std::unique_ptr<Implementation> make_xnnpack(const Task& task)
{
  return std::make_unique<Xnnpack>(task);
}

}  // namespace xnnx_bench
