// Compares softmax implementations. See --help.

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <optional>

#include <xnnpack-softmax.h>

#include "bench/buffer.h"
#include "bench/caches.h"
#include "bench/compare/implementation.h"
#include "bench/compare/measure.h"
#include "bench/compare/options.h"
#include "bench/compare/processes.h"
#include "bench/compare/report.h"
#include "bench/other-programs.h"
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
  for (const std::string& peer : options.peers) {
    if (is_peer_library(peer)) {
      add(contestants, std::filesystem::path(peer).stem(), [&] { return make_peer(task, peer); });
    }
  }
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
  const double middle = median(nanoseconds);
  const double ratio = median(ratios);
  return {name, middle, *min, *max, ratio, middle, middle, ratio, ratio, bytes_per_element};
}

double interrupted_part(const std::vector<Contestant>& contestants)
{
  double timings = 0.0;
  double interrupted = 0.0;
  for (const Contestant& contestant : contestants) {
    timings += static_cast<double>(contestant.nanoseconds.size());
    interrupted += static_cast<double>(contestant.preempted_timings);
  }
  return interrupted / timings;
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
  const OtherPrograms others;
  std::vector<Contestant> contestants = make_contestants(options, task);
  check_outputs(contestants, task);
  if (ordinary_input != nullptr) {
    fill_with_values(values, input, task.rows, task.channels);
    Task ordinary_task = task;
    ordinary_task.input = ordinary_input;
    add(contestants, kOursOrdinary, [&] { return make_ours(ordinary_task, /*flags=*/0, ""); });
  }
  run_rounds(contestants, task.threadpool, options.seconds, show_progress);

  const std::vector<double>& ours = contestants.front().nanoseconds;
  const std::string description = contestants.front().implementation->description();
  Comparison comparison = {{task.rows, task.channels}, task.threads, values.name, ours.size(), description, {},
                           others.processors(), interrupted_part(contestants)};
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

void run_in_processes(int argc, char** argv, const Options& options)
{
  print_header(stdout, options);
  const double seconds_of_each = options.seconds / static_cast<double>(options.processes);
  const std::vector<Comparison> comparisons = compare_in_processes(argc, argv, options.processes, seconds_of_each);
  for (const Comparison& comparison : comparisons) {
    print(stdout, options, comparison);
  }
  print_warning(options, comparisons);
}

void run(const Options& options)
{
  Progress progress(options.shapes.size() * options.threads.size() * options.values.size());
  std::vector<Comparison> comparisons;
  print_header(stdout, options);
  for (const Shape& shape : options.shapes) {
    const Buffer input(shape.rows * shape.channels, options.pages);
    const Buffer output(shape.rows * shape.channels, options.pages);
    std::optional<Buffer> ordinary_input;
    for (const size_t threads : options.threads) {
      const Threadpool threadpool = make_threadpool(threads);
      for (const Values& values : options.values) {
        fill_with_logits(input.data(), input.size());
        if (!values.is_ordinary() && !ordinary_input) {
          ordinary_input.emplace(input.size(), options.pages);
          fill_with_logits(ordinary_input->data(), ordinary_input->size());
        }
        const Task task = {shape.rows, shape.channels, threads, input.data(), output.data(), threadpool.get()};
        progress.show(shape, threads, 0.0);
        comparisons.push_back(compare(
            options, task, input.data(), values, values.is_ordinary() ? nullptr : ordinary_input->data(),
            [&](double fraction) { progress.show(shape, threads, fraction); }));
        progress.finish_step();
        print(stdout, options, comparisons.back());
      }
    }
  }
  print_warning(options, comparisons);
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
