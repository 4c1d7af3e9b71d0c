// Each function of src/simd, called on arrays, so that a test can compare those of all instruction sets.

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vocabulary_input {
  float row[8][16];
  // k/16 as rounding leaves it: near 0, and near an exponent that is then subtracted.
  float rounded[16];
  float far_rounded[16];
  float exponent_fields[16];
  float limit;
  // As many floats, which nothing else may be read or written around.
  size_t count;
  const float* source;
  float* target;
  // The same for each half of a vector.
  size_t half_count;
  const float* half_source[2];
  float* half_target[2];
};

// What a function gives; the rest stays 0.
struct vocabulary_output {
  float floats[16];
  double number;
  bool truth;
};

// How results are compared:
//   bits     all of them
//   numbers  all of them, but a NaN is as good as another one
//   order    as floats compare: one zero is as good as the other, and anything as good as NaN
#define VOCABULARY(X) \
  X(load, bits) \
  X(load_once, bits) \
  X(load_first, bits) \
  X(store_first, bits) \
  X(load_halves, bits) \
  X(store_halves, bits) \
  X(stream, bits) \
  X(broadcast, bits) \
  X(broadcast_halves, bits) \
  X(first_lane, bits) \
  X(look_up_power, bits) \
  X(clear_sixteenths, bits) \
  X(shift_bits, bits) \
  X(subtract_from_entries, bits) \
  X(end_power, bits) \
  X(max_of_bits, bits) \
  X(max_of_bits_in_all_lanes, bits) \
  X(add, numbers) \
  X(subtract, numbers) \
  X(multiply, numbers) \
  X(multiply_add, numbers) \
  X(multiply_add_or_zero, numbers) \
  X(max, order) \
  X(max_in_all_lanes, order) \
  X(max_of_each, order) \
  X(max_of_each_half, order) \
  X(are_within, bits) \
  X(sum_of_lanes, numbers) \
  X(sum_of_one, numbers) \
  X(add_halves, numbers) \
  X(reciprocals_of_sums, numbers) \
  X(reciprocals_of_sums_of_halves, numbers) \
  X(are_positive, bits) \
  X(split, numbers)

struct vocabulary {
#define VOCABULARY_MEMBER(name, comparison) \
  void (*name)(const struct vocabulary_input* in, struct vocabulary_output* out);
  VOCABULARY(VOCABULARY_MEMBER)
#undef VOCABULARY_MEMBER
};

#define XNNX_ISA(name, is_present) extern const struct vocabulary vocabulary_of_##name;
#include "src/xnnx/gen/isas.inc"
#undef XNNX_ISA

#ifdef __cplusplus
}  // extern "C"
#endif
