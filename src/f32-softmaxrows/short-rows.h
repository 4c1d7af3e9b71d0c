// Rows that fit registers, of one number of vectors each: alone, in groups of narrow ones or of pairs, or in turn.

#pragma once

#include "src/f32-softmaxrows/one-row.h"
#include "src/f32-softmaxrows/row-groups.h"
#include "src/f32-softmaxrows/rows-in-turn.h"

#define XNNX_EACH_NARROW(X) X(1) X(2) X(3) X(4)
#define XNNX_EACH_WIDE(X) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16)

// One function for each number of vectors, and of several rows; of narrow ones others for whole vectors, for pairs, and for
// rows from memory.
#define XNNX_ROW_OF(count) \
  static XNNX_NEVER_INLINE void compute_row_of_##count( \
      size_t channels, const float* input, float* output, double scale_of_fully_masked) \
  { \
    const row_shape shape = {.vectors = count, .is_whole = false}; \
    compute_row(shape, channels, input, output, scale_of_fully_masked, compute_row_of_##count); \
  }
XNNX_EACH_NARROW(XNNX_ROW_OF)
XNNX_EACH_WIDE(XNNX_ROW_OF)
#undef XNNX_ROW_OF

#define XNNX_GROUPS(name, are_far, compute_alone, ...) \
  static XNNX_NEVER_INLINE void name XNNX_F32_PARAMETERS_softmaxrows \
  { \
    const struct rows all = XNNX_ROWS_OF_ARGUMENTS; \
    compute_groups((row_shape){__VA_ARGS__}, are_far, &all, compute_alone); \
  }

#define XNNX_ROWS_OF(count) \
  XNNX_GROUPS(compute_groups_of_##count, false, compute_row_of_##count, .vectors = count) \
  XNNX_GROUPS(compute_whole_groups_of_##count, false, compute_row_of_##count, .vectors = count, .is_whole = true) \
  XNNX_GROUPS(compute_far_groups_of_##count, true, compute_row_of_##count, .vectors = count)
XNNX_EACH_NARROW(XNNX_ROWS_OF)
#undef XNNX_ROWS_OF

XNNX_GROUPS(compute_groups_of_pairs, false, compute_row_of_1, .vectors = 1, .is_paired = true)
XNNX_GROUPS(compute_far_groups_of_pairs, true, compute_row_of_1, .vectors = 1, .is_paired = true)

#define XNNX_ROWS_OF(count) \
  static XNNX_NEVER_INLINE void compute_rows_of_##count XNNX_F32_PARAMETERS_softmaxrows \
  { \
    const struct rows all = XNNX_ROWS_OF_ARGUMENTS; \
    compute_rows_in_turn((row_shape){.vectors = count, .is_whole = false}, &all, compute_row_of_##count); \
  }
XNNX_EACH_WIDE(XNNX_ROWS_OF)
#undef XNNX_ROWS_OF

XNNX_SIMD void compute_short_row(size_t channels, const float* input, float* output, double scale_of_fully_masked)
{
  static const row_function functions[XNNX_MOST_VECTORS] = {
#define XNNX_ROW_OF(count) compute_row_of_##count,
      XNNX_EACH_NARROW(XNNX_ROW_OF) XNNX_EACH_WIDE(XNNX_ROW_OF)
#undef XNNX_ROW_OF
  };
  functions[(channels - 1) / 16](channels, input, output, scale_of_fully_masked);
}

XNNX_SIMD void compute_short_rows XNNX_F32_PARAMETERS_softmaxrows
{
  static const struct {
    xnnx_f32_softmaxrows_fn rows;
    xnnx_f32_softmaxrows_fn whole_rows;
    xnnx_f32_softmaxrows_fn far_rows;
  } functions[XNNX_MOST_VECTORS] = {
#define XNNX_ROWS_OF(count) {compute_groups_of_##count, compute_whole_groups_of_##count, compute_far_groups_of_##count},
      XNNX_EACH_NARROW(XNNX_ROWS_OF)
#undef XNNX_ROWS_OF
#define XNNX_ROWS_OF(count) {compute_rows_of_##count, compute_rows_of_##count, compute_rows_of_##count},
      XNNX_EACH_WIDE(XNNX_ROWS_OF)
#undef XNNX_ROWS_OF
  };
  if (channels <= XNNX_PAIRED_ROW_CHANNELS) {
    (is_far ? compute_far_groups_of_pairs : compute_groups_of_pairs) XNNX_ARGUMENTS;
    return;
  }
  const size_t k = (channels - 1) / 16;
  if (is_far) {
    functions[k].far_rows XNNX_ARGUMENTS;
  } else {
    (channels % 16 == 0 ? functions[k].whole_rows : functions[k].rows) XNNX_ARGUMENTS;
  }
}
