#define _POSIX_C_SOURCE 200809L  // clock_gettime

#include "examples/timing.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cpuinfo.h>

#include "examples/failure.h"
#include "examples/softmax-graph.h"

static const struct shape {
  size_t rows;
  size_t classes;
} shapes[] = {{1024, 10}, {64, 1000}, {1, 32768}, {1, 1048576}};

enum {
  shape_count = sizeof(shapes) / sizeof(shapes[0]),
  warm_up_rounds = 20,
  least_rounds = 11,
  most_rounds = 501,
};

// A measurement repeats a graph until it lasts this long, so that the clock's own cost does not show.
static const double least_measurement_seconds = 100e-6;
// A shape gets this long, or least_rounds on a very slow processor.
static const double shape_seconds = 0.75;

struct times {
  double stock_seconds;  // medians of one run
  double our_seconds;
  double ratio;  // median and quartiles of stock / ours, round by round
  double ratio_lower_quartile;
  double ratio_upper_quartile;
};

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double) now.tv_sec + (double) now.tv_nsec * 1e-9;
}

// Returns the mean time of one of `runs` runs back to back.
static double measure(xnn_runtime_t graph, size_t runs) {
  const double start = seconds_now();
  for (size_t run = 0; run < runs; run++) {
    run_graph(graph);
  }
  return (seconds_now() - start) / (double) runs;
}

static size_t runs_per_measurement(xnn_runtime_t graph) {
  size_t runs = 1;
  while (measure(graph, runs) * (double) runs < least_measurement_seconds) {
    runs *= 2;
  }
  return runs;
}

static int compare_doubles(const void* left, const void* right) {
  const double a = *(const double*) left;
  const double b = *(const double*) right;
  return (a > b) - (a < b);
}

// Returns the value that `fraction` of the values are below; sorts them.
static double quantile(double* values, size_t count, double fraction) {
  qsort(values, count, sizeof(values[0]), compare_doubles);
  return values[(size_t) ((double) (count - 1) * fraction + 0.5)];
}

static struct times compare(xnn_runtime_t stock, xnn_runtime_t ours) {
  const size_t stock_runs = runs_per_measurement(stock);
  const size_t our_runs = runs_per_measurement(ours);
  for (size_t round = 0; round < warm_up_rounds; round++) {
    measure(stock, 1);
    measure(ours, 1);
  }
  double stock_seconds[most_rounds];
  double our_seconds[most_rounds];
  double ratios[most_rounds];
  size_t rounds = 0;
  // The two take turns, so that a change in the machine's speed meets both.
  const double end = seconds_now() + shape_seconds;
  while (rounds < most_rounds && (rounds < least_rounds || seconds_now() < end)) {
    stock_seconds[rounds] = measure(stock, stock_runs);
    our_seconds[rounds] = measure(ours, our_runs);
    ratios[rounds] = stock_seconds[rounds] / our_seconds[rounds];
    rounds++;
  }
  return (struct times) {
      .stock_seconds = quantile(stock_seconds, rounds, 0.5),
      .our_seconds = quantile(our_seconds, rounds, 0.5),
      .ratio = quantile(ratios, rounds, 0.5),
      .ratio_lower_quartile = quantile(ratios, rounds, 0.25),
      .ratio_upper_quartile = quantile(ratios, rounds, 0.75),
  };
}

// A time means nothing if the result is wrong: checks which softmax runs and that it writes probabilities.
static void check_graph(xnn_runtime_t graph, enum softmax_source source, struct shape shape, float* output) {
  memset(output, 0, shape.rows * shape.classes * sizeof(float));
  run_graph_and_check_source(graph, source);
  for (size_t row = 0; row < shape.rows; row++) {
    double sum = 0.0;
    for (size_t class = 0; class < shape.classes; class++) {
      sum += output[row * shape.classes + class];
    }
    if (!(fabs(sum - 1.0) < 1e-2)) {  // NaN fails, too
      fail("probabilities of row %zu of %zu x %zu add up to %g", row, shape.rows, shape.classes, sum);
    }
  }
}

static struct times time_shape(struct shape shape, const float* input, float* output) {
  xnn_runtime_t stock = create_softmax_graph(softmax_of_xnnpack, shape.rows, shape.classes, input, output);
  xnn_runtime_t ours = create_softmax_graph(softmax_of_this_library, shape.rows, shape.classes, input, output);
  check_graph(stock, softmax_of_xnnpack, shape, output);
  check_graph(ours, softmax_of_this_library, shape, output);
  const struct times times = compare(stock, ours);
  xnn_delete_runtime(ours);
  xnn_delete_runtime(stock);
  return times;
}

// Returns the next number of a fixed pseudo-random sequence, uniform in (0, 1): Knuth's MMIX generator, upper 53 bits.
static double next_uniform(uint64_t* state) {
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return ((double) (*state >> 11) + 0.5) * 0x1p-53;
}

// Fills `logits` with normal values of standard deviation 3, the same ones every time (Box and Muller's method).
static void fill_with_logits(float* logits, size_t count) {
  uint64_t state = 1;
  for (size_t i = 0; i < count; i++) {
    const double radius = sqrt(-2.0 * log(next_uniform(&state)));
    logits[i] = (float) (3.0 * radius * cos(6.283185307179586 * next_uniform(&state)));
  }
}

static const char* processor_name(void) {
  return cpuinfo_initialize() && cpuinfo_get_packages_count() > 0 ? cpuinfo_get_package(0)->name : "unknown processor";
}

void print_softmax_times(void) {
  size_t most_elements = 0;
  for (size_t i = 0; i < shape_count; i++) {
    const size_t elements = shapes[i].rows * shapes[i].classes;
    most_elements = elements > most_elements ? elements : most_elements;
  }
  float* input = allocate_tensor(most_elements);
  float* output = allocate_tensor(most_elements);
  fill_with_logits(input, most_elements);

  printf("Time of one softmax in an XNNPACK graph on %s, 1 thread, warm: every run reads and writes the same memory.\n"
         "Stock and ours take turns; medians, and for the ratio stock / ours also the middle half of the rounds.\n\n"
         "%9s %6s %12s %12s %12s %8s   %s\n",
         processor_name(), "classes", "rows", "memory", "stock", "ours", "ratio", "middle half");
  for (size_t i = 0; i < shape_count; i++) {
    const struct times times = time_shape(shapes[i], input, output);
    const size_t memory_bytes = 2 * shapes[i].rows * shapes[i].classes * sizeof(float);
    printf("%9zu %6zu %8zu KiB %9.1f us %9.1f us %8.2f   %.2f to %.2f\n", shapes[i].classes, shapes[i].rows,
           memory_bytes / 1024, times.stock_seconds * 1e6, times.our_seconds * 1e6, times.ratio,
           times.ratio_lower_quartile, times.ratio_upper_quartile);
    fflush(stdout);
  }
  free(output);
  free(input);
}
