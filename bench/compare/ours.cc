#include <cstdlib>

#include <xnnpack-softmax.h>

#include "bench/compare/implementation.h"

namespace xnnx_bench {
namespace {

// Sets XNNX_MAX_ISA, which is read when an operator is created, until the end of a scope.
class MaxIsa {
 public:
  explicit MaxIsa(const std::string& max_isa) : is_set_(!max_isa.empty())
  {
    const char* previous = std::getenv("XNNX_MAX_ISA");
    had_previous_ = previous != nullptr;
    previous_ = had_previous_ ? previous : "";
    if (is_set_) {
      setenv("XNNX_MAX_ISA", max_isa.c_str(), /*overwrite=*/1);
    }
  }
  MaxIsa(const MaxIsa&) = delete;
  MaxIsa& operator=(const MaxIsa&) = delete;
  ~MaxIsa()
  {
    if (is_set_ && had_previous_) {
      setenv("XNNX_MAX_ISA", previous_.c_str(), /*overwrite=*/1);
    } else if (is_set_) {
      unsetenv("XNNX_MAX_ISA");
    }
  }

 private:
  bool is_set_;
  bool had_previous_;
  std::string previous_;
};

class Ours : public Implementation {
 public:
  Ours(const Task& task, uint32_t flags, const std::string& max_isa) : threadpool_(task.threadpool)
  {
    const MaxIsa scope(max_isa);
    check(xnnx_create_softmax_nc_f32(flags, &operator_));
    check(xnnx_reshape_softmax_nc_f32(
        operator_, task.channels, task.channels, task.channels, task.rows, task.threadpool));
    check(xnnx_setup_softmax_nc_f32(operator_, task.input, task.output));
    const std::string description = xnnx_describe_operator(operator_);
    if (!max_isa.empty() && description.find("on " + max_isa) == std::string::npos) {
      const std::string reason = "this processor has no " + max_isa + " (" + description + ")";
      xnnx_delete_operator(operator_);
      throw Unavailable(reason);
    }
  }
  ~Ours() override { xnnx_delete_operator(operator_); }

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
