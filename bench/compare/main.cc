// Compares softmax implementations. See --help.

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>

#include <xnnpack-softmax.h>

#include "bench/buffer.h"
#include "bench/caches.h"
#include "bench/compare/implementation.h"
#include "bench/compare/measure.h"
#include "bench/compare/options.h"
#include "bench/compare/processes.h"
#include "bench/compare/report.h"
#include "test/threadpool.h"

namespace xnnx_bench {
namespace {

// No implementation is so inaccurate; one that leaves its work undone is.
constexpr float kRelativeTolerance = 0.03f;

const char kOurs[] = "ours";
const char kOursOrdinary[] = "ours_ordinary";
const char kCopy[] = "copy";
const char kCopyAroundCaches[] = "copy_around_caches";
const char kRead[] = "read";
const char kCopyAndScale[] = "copy_and_scale";

class Progress {
 public:
  explicit Progress(size_t step_count) : is_shown_(isatty(STDERR_FILENO) != 0), step_count_(step_count) {}

  void show(const Shape& shape, size_t threads, double fraction) const
  {
    if (is_shown_) {
      const double total = (static_cast<double>(step_) + std::min(fraction, 1.0)) / static_cast<double>(step_count_);
      std::fprintf(
          stderr, "\r\033[K%3.0f %%  %zu x %zu, threads: %zu", 100 * total, shape.rows, shape.channels, threads);
    }
  }

  void finish_step()
  {
    step_++;
    if (is_shown_) {
      std::fprintf(stderr, "\r\033[K");
    }
  }

 private:
  bool is_shown_;
  size_t step_count_;
  size_t step_ = 0;
};

template <typename Make>
void add(std::vector<Contestant>& contestants, const std::string& name, Make make)
{
  try {
    Contestant contestant;
    contestant.implementation = make();
    contestant.name = name;
    contestants.push_back(std::move(contestant));
  } catch (const Unavailable& reason) {
    std::fprintf(stderr, "compare: skipped %s: %s\n", name.c_str(), reason.what());
  }
}

bool contains(const std::vector<std::string>& items, const std::string& item)
{
  return std::find(items.begin(), items.end(), item) != items.end();
}

// Ours on one instruction set ("": the best): the automatic choice, if it is not there already, and each algorithm.
void add_variants(
    std::vector<Contestant>& contestants,
    const Task& task,
    const std::vector<Algorithm>& algorithms,
    const std::string& isa,
    bool ordinary_stores)
{
  const std::string suffix = std::string(ordinary_stores ? "+ordinary_stores" : "") + (isa.empty() ? "" : "@" + isa);
  const uint32_t flags = ordinary_stores ? XNNX_FLAG_KEEP_OUTPUT_IN_CACHE : 0;
  if (!suffix.empty()) {
    add(contestants, kOurs + suffix, [&] { return make_ours(task, flags, isa); });
  }
  for (const Algorithm& algorithm : algorithms) {
    add(contestants, std::string(kOurs) + ":" + algorithm.name + suffix,
        [&] { return make_ours(task, flags | algorithm.flags, isa); });
  }
}

// Ours first: ratios refer to it.
std::vector<Contestant> make_contestants(const Options& options, const Task& task)
{
  std::vector<Contestant> contestants;
  add(contestants, kOurs, [&] { return make_ours(task, /*flags=*/0, ""); });
  if (contestants.empty()) {
    throw std::runtime_error("this library cannot run, and there is nothing to compare with");
  }
  for (const std::string& isa : options.isas) {
    for (const bool ordinary_stores : options.ordinary_stores) {
      add_variants(contestants, task, options.algorithms, isa, ordinary_stores);
    }
  }
  const auto add_peer = [&](const char* name, std::unique_ptr<Implementation> (*make)(const Task&)) {
    if (contains(options.peers, name)) {
      add(contestants, name, [&] { return make(task); });
    }
  };
  add_peer("xnnpack", make_xnnpack);
  add_peer("onednn", make_onednn);
  add_peer("expf_loop", make_expf_loop);
  add_peer("upstream_like", make_upstream_like);
  if (contains(options.peers, "limit")) {
    add(contestants, kCopy, [&] { return make_copy(task); });
    add(contestants, kCopyAroundCaches, [&] { return make_copy_around_caches(task); });
    if (task.channels * sizeof(float) > find_caches().last_level_bytes()) {
      add(contestants, kRead, [&] { return make_read(task); });
    }
    if (task.rows == 1) {
      add(contestants, kCopyAndScale, [&] { return make_copy_and_scale(task); });
    }
  }
  return contestants;
}

// Runs every softmax once on an output without meaning, and compares its result with ours.
void check_outputs(std::vector<Contestant>& contestants, const Task& task)
{
  std::vector<float> expected;
  for (Contestant& contestant : contestants) {
    if (!contestant.implementation->computes_softmax()) {
      continue;
    }
    std::fill_n(task.output, task.element_count(), std::numeric_limits<float>::quiet_NaN());
    contestant.implementation->run();
    contestant.implementation->rest();
    let_threads_sleep(task.threadpool);
    if (expected.empty()) {
      expected.assign(task.output, task.output + task.element_count());
    }
    for (size_t i = 0; i < task.element_count(); i++) {
      const float difference = std::fabs(task.output[i] - expected[i]);
      if (!(difference <= kRelativeTolerance * expected[i]) || task.output[i] < std::numeric_limits<float>::min()) {
        throw std::runtime_error(
            contestant.name + " computes " + std::to_string(task.output[i]) + " where ours computes " +
            std::to_string(expected[i]) + ", element " + std::to_string(i) + " of " + std::to_string(task.rows) +
            " x " + std::to_string(task.channels));
      }
    }
  }
}

const Contestant* find(const std::vector<Contestant>& contestants, const std::string& name)
{
  const auto found =
      std::find_if(contestants.begin(), contestants.end(), [&](const Contestant& c) { return c.name == name; });
  return found == contestants.end() ? nullptr : &*found;
}

// Round by round the least time that the memory allows.
std::vector<double> limit_of(const std::vector<Contestant>& contestants)
{
  std::vector<double> limit = find(contestants, kCopy)->nanoseconds;
  const std::vector<double>& around_caches = find(contestants, kCopyAroundCaches)->nanoseconds;
  const Contestant* read = find(contestants, kRead);
  for (size_t round = 0; round < limit.size(); round++) {
    limit[round] = std::min(limit[round], around_caches[round]);
    limit[round] += read == nullptr ? 0.0 : read->nanoseconds[round];
  }
  return limit;
}

Result summarize(
    const std::string& name,
    const std::vector<double>& nanoseconds,
    const std::vector<double>& ours,
    size_t bytes_per_element)
{
  std::vector<double> ratios(nanoseconds.size());
  std::transform(nanoseconds.begin(), nanoseconds.end(), ours.begin(), ratios.begin(), std::divides<double>());
  const auto [min, max] = std::minmax_element(nanoseconds.begin(), nanoseconds.end());
  const double ratio = median(ratios);
  return {name, median(nanoseconds), *min, *max, ratio, ratio, ratio, bytes_per_element};
}

// The processors' time since they started, in ticks: all of it, and what was idle.
struct ProcessorTicks {
  unsigned long long all = 0;
  unsigned long long idle = 0;
};

ProcessorTicks read_ticks()
{
  ProcessorTicks ticks;
  std::ifstream file("/proc/stat");
  std::string name;
  file >> name;
  unsigned long long number;
  for (int column = 0; column < 8 && file >> number; column++) {
    ticks.all += number;
    ticks.idle += column == 3 || column == 4 ? number : 0;
  }
  return ticks;
}

// While this program sleeps, so that all that runs is others'.
void warn_if_others_run()
{
  const ProcessorTicks before = read_ticks();
  usleep(250000);
  const ProcessorTicks after = read_ticks();
  const double all = static_cast<double>(after.all - before.all);
  const double busy = all - static_cast<double>(after.idle - before.idle);
  if (busy > 0.1 * all) {
    std::fprintf(
        stderr, "compare: other programs use %.0f %% of the processors; do not believe what follows\n", 100 * busy / all);
  }
}

// Processor time does not count what others take, but they leave caches as they like, and several threads wait for one.
void warn_if_busy(const std::vector<Contestant>& contestants, const Task& task)
{
  size_t timings = 0;
  size_t preempted = 0;
  for (const Contestant& contestant : contestants) {
    timings += contestant.nanoseconds.size();
    preempted += contestant.preempted_timings;
  }
  if (preempted > timings / 20) {
    std::fprintf(
        stderr, "compare: %zu x %zu, threads: %zu: other programs interrupted %zu of %zu timings; do not believe them\n",
        task.rows, task.channels, task.threads, preempted, timings);
  }
}

// `task` has ordinary values, on which all must agree; `values` is where others may come from.
Comparison compare(
    const Options& options,
    const Task& task,
    float* input,
    const Values& values,
    const float* ordinary_input,
    const std::function<void(double)>& show_progress)
{
  std::vector<Contestant> contestants = make_contestants(options, task);
  check_outputs(contestants, task);
  if (ordinary_input != nullptr) {
    fill_with_values(values, input, task.rows, task.channels);
    Task ordinary_task = task;
    ordinary_task.input = ordinary_input;
    add(contestants, kOursOrdinary, [&] { return make_ours(ordinary_task, /*flags=*/0, ""); });
  }
  run_rounds(contestants, task.threadpool, options.seconds, show_progress);

  warn_if_busy(contestants, task);
  const std::vector<double>& ours = contestants.front().nanoseconds;
  const std::string description = contestants.front().implementation->description();
  Comparison comparison = {{task.rows, task.channels}, task.threads, values.name, ours.size(), description, {}};
  for (const Contestant& contestant : contestants) {
    comparison.results.push_back(summarize(
        contestant.name, contestant.nanoseconds, ours, contestant.implementation->bytes_per_element()));
    if (contestant.page_faults != 0) {
      std::fprintf(
          stderr, "compare: %zu x %zu: %ld page faults in the timed calls of %s\n", task.rows, task.channels,
          contestant.page_faults, contestant.name.c_str());
    }
  }
  if (find(contestants, kCopy) != nullptr) {
    const size_t reads = find(contestants, kRead) == nullptr ? 1 : 2;
    comparison.results.push_back(summarize("limit", limit_of(contestants), ours, (reads + 1) * sizeof(float)));
  }
  return comparison;
}

void print_header(const Options& options)
{
  options.csv ? print_csv_header(stdout) : print_table_header(stdout, options);
}

void print(const Options& options, const Comparison& comparison)
{
  options.csv ? print_csv(stdout, comparison) : print_table(stdout, comparison);
}

// What the automatic choice runs on tensors that lie apart; nothing is read or written.
std::string describe_ours(const Shape& shape)
{
  xnnx_operator_t op = nullptr;
  std::string description;
  float* const input = reinterpret_cast<float*>(size_t{1} << 32);
  float* const output = reinterpret_cast<float*>(size_t{1} << 62);
  if (xnnx_create_softmax_nc_f32(/*flags=*/0, &op) == xnn_status_success &&
      xnnx_reshape_softmax_nc_f32(op, shape.channels, shape.channels, shape.channels, shape.rows, nullptr) ==
          xnn_status_success &&
      xnnx_setup_softmax_nc_f32(op, input, output) == xnn_status_success) {
    description = xnnx_describe_operator(op);
  }
  xnnx_delete_operator(op);
  return description;
}

void run_in_processes(int argc, char** argv, const Options& options)
{
  print_header(options);
  const double seconds_of_each = options.seconds / static_cast<double>(options.processes);
  for (Comparison& comparison : compare_in_processes(argc, argv, options.processes, seconds_of_each)) {
    comparison.ours = describe_ours(comparison.shape);
    print(options, comparison);
  }
}

void run(const Options& options)
{
  warn_if_others_run();
  Progress progress(options.shapes.size() * options.threads.size() * options.values.size());
  print_header(options);
  for (const Shape& shape : options.shapes) {
    const Buffer input(shape.rows * shape.channels, options.pages);
    const Buffer output(shape.rows * shape.channels, options.pages);
    const Buffer ordinary_input(shape.rows * shape.channels, options.pages);
    fill_with_logits(ordinary_input.data(), ordinary_input.size());
    for (const size_t threads : options.threads) {
      const Threadpool threadpool = make_threadpool(threads);
      for (const Values& values : options.values) {
        fill_with_logits(input.data(), input.size());
        const Task task = {shape.rows, shape.channels, threads, input.data(), output.data(), threadpool.get()};
        const bool is_ordinary = values.name == all_values().front().name;
        progress.show(shape, threads, 0.0);
        const Comparison comparison = compare(
            options, task, input.data(), values, is_ordinary ? nullptr : ordinary_input.data(),
            [&](double fraction) { progress.show(shape, threads, fraction); });
        progress.finish_step();
        print(options, comparison);
      }
    }
  }
}

}  // namespace
}  // namespace xnnx_bench

int main(int argc, char** argv)
{
  try {
    const xnnx_bench::Options options = xnnx_bench::parse_options(argc, argv);
    if (options.help) {
      std::fputs(xnnx_bench::usage().c_str(), stdout);
    } else if (options.machine) {
      std::printf("%s\n", xnnx_bench::describe_processor().c_str());
    } else if (options.processes > 1) {
      xnnx_bench::run_in_processes(argc, argv, options);
    } else {
      xnnx_bench::run(options);
    }
    return 0;
  } catch (const xnnx_bench::BadOption& error) {
    std::fprintf(stderr, "compare: %s\n", error.what());
    return 2;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "compare: not enough memory for the shape\n");
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "compare: %s\n", error.what());
    return 1;
  }
}
