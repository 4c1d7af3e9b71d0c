// The files that tools/train-digits.py writes; examples/data/README.md describes them.

#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
  digits_classes = 10,
  digits_pixels = 64,
};

struct digits_model {
  float weights[digits_classes][digits_pixels];
  float biases[digits_classes];
};

struct digits_images {
  size_t count;
  float* pixels;    // [count, digits_pixels]; from allocate_tensor
  uint8_t* labels;  // [count]; from malloc
};

// Both end the program with a sentence if a file is missing or is not what it should be.
struct digits_model read_digits_model(const char* folder);
struct digits_images read_digits_images(const char* folder);
