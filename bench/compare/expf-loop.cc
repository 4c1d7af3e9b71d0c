#include <cmath>

#include "bench/compare/implementation.h"

namespace xnnx_bench {
namespace {

// The sum is double, because a float one stops growing at 2^24 equal elements.
void compute_row(void* context, size_t row)
{
  const Task& task = *static_cast<const Task*>(context);
  const float* input = task.input + row * task.channels;
  float* output = task.output + row * task.channels;
  float max = input[0];
  for (size_t i = 1; i < task.channels; i++) {
    max = input[i] > max ? input[i] : max;
  }
  double sum = 0.0;
  for (size_t i = 0; i < task.channels; i++) {
    output[i] = std::exp(input[i] - max);
    sum += static_cast<double>(output[i]);
  }
  const float scale = static_cast<float>(1.0 / sum);
  for (size_t i = 0; i < task.channels; i++) {
    output[i] *= scale;
  }
}

class ExpfLoop : public Implementation {
 public:
  explicit ExpfLoop(const Task& task) : task_(task) {}
  void run() override { pthreadpool_parallelize_1d(task_.threadpool, compute_row, &task_, task_.rows, /*flags=*/0); }

 private:
  Task task_;
};

}  // namespace

std::unique_ptr<Implementation> make_expf_loop(const Task& task)
{
  return std::make_unique<ExpfLoop>(task);
}

}  // namespace xnnx_bench
