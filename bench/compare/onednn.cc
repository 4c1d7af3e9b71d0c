#include <alloca.h>
#include <dnnl.hpp>
#include <omp.h>
#include <time.h>

#include <cstdint>
#include <limits>

#include "bench/compare/implementation.h"
#include "test/peers/onednn-softmax.h"

namespace xnnx_bench {
namespace {

constexpr uintptr_t kStackAlignment = 64;
constexpr uintptr_t kStackStep = 16;
// Some tens of microseconds of work.
constexpr size_t kTrialElements = 65536;

// The calling thread's processor time: while others run, it stands.
double read_clock()
{
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Debian's oneDNN runs on OpenMP threads, whose number it reads when a primitive is created and when it runs.
//
// Its generated code keeps vectors on the stack without aligning it: 40 % of its speed depend on where the process
// happens to have its stack. It is given the best position.
class OneDnn : public Implementation {
 public:
  explicit OneDnn(const Task& task)
      : threads_(static_cast<int>(task.threads)), trial_calls_(1 + kTrialElements / task.element_count())
  {
    omp_set_num_threads(threads_);
    const dnnl::memory::desc shape(
        {static_cast<dnnl::memory::dim>(task.rows), static_cast<dnnl::memory::dim>(task.channels)},
        dnnl::memory::data_type::f32, dnnl::memory::format_tag::ab);
    primitive_ = make_onednn_softmax(engine_, shape);
    input_ = dnnl::memory(shape, engine_, const_cast<float*>(task.input));
    output_ = dnnl::memory(shape, engine_, task.output);
    arguments_ = {{DNNL_ARG_SRC, input_}, {DNNL_ARG_DST, output_}};
    find_best_stack_position();
  }

  void run() override { run_at_stack_position(stack_position_); }

  // OpenMP's threads would wait for more work in a loop for milliseconds; this ends them.
  void rest() override
  {
    if (threads_ > 1) {
      omp_pause_resource_all(omp_pause_soft);
    }
  }

 private:
  // With the stack pointer at a distance from a multiple of kStackAlignment that `position` determines.
  __attribute__((noinline)) void run_at_stack_position(uintptr_t position)
  {
    const uintptr_t here = reinterpret_cast<uintptr_t>(alloca(kStackStep));
    volatile char* padding = static_cast<char*>(alloca((here - position) % kStackAlignment));
    asm volatile("" : : "r"(padding) : "memory");
    primitive_.execute(stream_, arguments_);
    stream_.wait();
  }

  void find_best_stack_position()
  {
    double best = std::numeric_limits<double>::infinity();
    for (int attempt = 0; attempt < 8; attempt++) {
      for (uintptr_t position = 0; position < kStackAlignment; position += kStackStep) {
        run_at_stack_position(position);
        const double start = read_clock();
        for (size_t call = 0; call < trial_calls_; call++) {
          run_at_stack_position(position);
        }
        const double nanoseconds = read_clock() - start;
        if (nanoseconds < best) {
          best = nanoseconds;
          stack_position_ = position;
        }
      }
    }
  }

  int threads_;
  size_t trial_calls_;
  uintptr_t stack_position_ = 0;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  dnnl::softmax_forward primitive_;
  dnnl::memory input_;
  dnnl::memory output_;
  std::unordered_map<int, dnnl::memory> arguments_;
};

}  // namespace

std::unique_ptr<Implementation> make_onednn(const Task& task)
{
  try {
    return std::make_unique<OneDnn>(task);
  } catch (const dnnl::error& error) {
    throw Unavailable(error.what());
  }
}

}  // namespace xnnx_bench
