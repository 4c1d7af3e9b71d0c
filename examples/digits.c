// Classifies handwritten digits with an XNNPACK graph, fully-connected -> softmax, once with XNNPACK's softmax and once
// with this library's, and compares the two: results, kernels and times.

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xnnpack-softmax.h>

#include "examples/digits-data.h"
#include "examples/failure.h"
#include "examples/softmax-graph.h"
#include "examples/timing.h"

// Returns probabilities [count, digits_classes], which the caller frees.
static float* classify(
    enum softmax_source source, const struct digits_model* model, const struct digits_images* images) {
  float* probabilities = allocate_tensor(images->count * digits_classes);
  xnn_runtime_t graph = create_digits_graph(source, model, images->count, images->pixels, probabilities);
  run_graph_and_check_source(graph, source);
  xnn_delete_runtime(graph);
  return probabilities;
}

static size_t count_right(const float* probabilities, const struct digits_images* images) {
  size_t right = 0;
  for (size_t image = 0; image < images->count; image++) {
    const float* row = probabilities + image * digits_classes;
    size_t likeliest = 0;
    for (size_t digit = 1; digit < digits_classes; digit++) {
      likeliest = row[digit] > row[likeliest] ? digit : likeliest;
    }
    right += likeliest == images->labels[image];
  }
  return right;
}

static float largest_difference(const float* left, const float* right, size_t count) {
  float largest = 0.0f;
  for (size_t i = 0; i < count; i++) {
    const float difference = fabsf(left[i] - right[i]);
    if (!(difference <= largest)) {  // lets a NaN through, where > would hide it
      largest = difference;
      if (isnan(largest)) {
        break;
      }
    }
  }
  return largest;
}

static void print_accuracy(const char* name, size_t right, size_t count) {
  printf("  accuracy, %-16s %6.2f %%  (%zu of %zu)\n", name, 100.0 * (double) right / (double) count, right, count);
}

// Breaks the line after every comma: names of kernels are long.
static void print_kernels(const char* description) {
  printf("Our kernels: ");
  for (const char* next = description; *next != '\0'; next++) {
    putchar(*next);
    if (*next == ',') {
      printf("\n ");
    }
  }
  putchar('\n');
}

static void compare_on_digits(const char* folder) {
  const struct digits_model model = read_digits_model(folder);
  const struct digits_images images = read_digits_images(folder);
  float* stock = classify(softmax_of_xnnpack, &model, &images);
  float* ours = classify(softmax_of_this_library, &model, &images);

  printf("%zu held-out images of handwritten digits, one XNNPACK graph: fully-connected (%d -> %d) -> softmax\n\n",
         images.count, (int) digits_pixels, (int) digits_classes);
  print_accuracy("stock XNNPACK", count_right(stock, &images), images.count);
  print_accuracy("ours", count_right(ours, &images), images.count);
  printf("  largest difference %15.2g\n\n", largest_difference(stock, ours, images.count * digits_classes));
  print_kernels(xnnx_describe_last_run());

  free(ours);
  free(stock);
  free(images.labels);
  free(images.pixels);
}

int main(int argument_count, char** arguments) {
  static const char usage[] = "usage: digits [--no-timing] [folder with the data, by default examples/data]\n";
  bool timing = true;
  const char* folder = NULL;
  for (int i = 1; i < argument_count; i++) {
    if (strcmp(arguments[i], "--help") == 0) {
      fputs(usage, stdout);
      return EXIT_SUCCESS;
    } else if (strcmp(arguments[i], "--no-timing") == 0) {
      timing = false;
    } else if (arguments[i][0] != '-' && folder == NULL) {
      folder = arguments[i];
    } else {
      fprintf(stderr, "digits: unexpected argument \"%s\"\n%s", arguments[i], usage);
      return 2;
    }
  }
  require_success(xnn_initialize(/*allocator=*/NULL), "initialising XNNPACK");
  compare_on_digits(folder == NULL ? "examples/data" : folder);
  if (timing) {
    putchar('\n');
    print_softmax_times();
  }
  return EXIT_SUCCESS;
}
