#include <optional>

#include <xnnpack-softmax.h>

#include "bench/compare/implementation.h"
#include "test/max-isa.h"

namespace xnnx_bench {
namespace {

class Ours : public Implementation {
 public:
  Ours(const Task& task, uint32_t flags, const std::string& max_isa) : threadpool_(task.threadpool)
  {
    std::optional<MaxIsa> scope;
    if (!max_isa.empty()) {
      scope.emplace(max_isa.c_str());
    }
    check(xnnx_create_softmax_nc_f32(flags, &operator_));
    check(xnnx_reshape_softmax_nc_f32(
        operator_, task.channels, task.channels, task.channels, task.rows, task.threadpool));
    check(xnnx_setup_softmax_nc_f32(operator_, task.input, task.output));
    if (!max_isa.empty() && description().find("on " + max_isa) == std::string::npos) {
      const std::string reason = "this processor has no " + max_isa + " (" + description() + ")";
      xnnx_delete_operator(operator_);
      throw Unavailable(reason);
    }
  }
  ~Ours() override { xnnx_delete_operator(operator_); }

  std::string description() const override { return xnnx_describe_operator(operator_); }
  void run() override { xnnx_run_operator(operator_, threadpool_); }

 private:
  void check(xnn_status status)
  {
    if (status != xnn_status_success) {
      xnnx_delete_operator(operator_);
      throw Unavailable(xnnx_last_error());
    }
  }

  xnnx_operator_t operator_ = nullptr;
  pthreadpool_t threadpool_;
};

}  // namespace

std::unique_ptr<Implementation> make_ours(const Task& task, uint32_t flags, const std::string& max_isa)
{
  return std::make_unique<Ours>(task, flags, max_isa);
}

}  // namespace xnnx_bench
