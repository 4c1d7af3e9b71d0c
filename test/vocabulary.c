// The functions of src/simd/<VOCABULARY_ISA>.h, compiled with that instruction set's flags.

#include "test/vocabulary.h"

#include <string.h>

#include "src/xnnx/exp-constants.h"

#define VOCABULARY_STRING(text) #text
#define VOCABULARY_HEADER(isa) VOCABULARY_STRING(src/simd/isa.h)
#include VOCABULARY_HEADER(VOCABULARY_ISA)

#define CALL(name) static void call_##name(const struct vocabulary_input* in, struct vocabulary_output* out)

CALL(load)
{
  xnnx_store(out->floats, xnnx_load(in->row[0]));
}

CALL(load_once)
{
  xnnx_store(out->floats, xnnx_load_once(in->row[0]));
}

CALL(load_first)
{
  xnnx_store(out->floats, xnnx_load_first(in->source, in->count, xnnx_load(in->row[0])));
}

CALL(store_first)
{
  xnnx_store_first(in->target, in->count, xnnx_load(in->row[0]));
  memcpy(out->floats, in->target, in->count * sizeof(float));
}

CALL(load_halves)
{
  const xnnx_f32x16 rest = xnnx_load(in->row[0]);
  xnnx_store(out->floats, xnnx_load_halves(in->half_source[0], in->half_source[1], in->half_count, rest));
}

CALL(store_halves)
{
  xnnx_store_halves(in->half_target[0], in->half_target[1], in->half_count, xnnx_load(in->row[0]));
  memcpy(out->floats, in->half_target[0], in->half_count * sizeof(float));
  memcpy(out->floats + 8, in->half_target[1], in->half_count * sizeof(float));
}

CALL(stream)
{
  _Alignas(64) float line[16];
  xnnx_stream(line, xnnx_load(in->row[0]));
  xnnx_end_stream();
  memcpy(out->floats, line, sizeof(line));
}

CALL(broadcast)
{
  xnnx_store(out->floats, xnnx_broadcast(in->row[0][0]));
}

CALL(broadcast_halves)
{
  xnnx_store(out->floats, xnnx_broadcast_halves(in->row[0][0], in->row[1][0]));
}

CALL(first_lane)
{
  out->floats[0] = xnnx_first_lane(xnnx_load(in->row[0]));
}

static xnnx_table16 load_table(void)
{
  return xnnx_load_table(xnnx_exp_table, XNNX_EXP_STEP);
}

CALL(look_up_power)
{
  xnnx_store(out->floats, xnnx_look_up_power(load_table(), xnnx_load(in->rounded)));
}

CALL(clear_sixteenths)
{
  xnnx_store(out->floats, xnnx_clear_sixteenths(xnnx_load(in->row[0])));
}

CALL(shift_bits)
{
  xnnx_store(out->floats, xnnx_shift_bits(xnnx_load(in->row[0])));
}

CALL(subtract_from_entries)
{
  const xnnx_table16 table = xnnx_subtract_from_entries(load_table(), xnnx_broadcast(in->exponent_fields[0]));
  xnnx_store(out->floats, xnnx_look_up_power(table, xnnx_load(in->far_rounded)));
}

CALL(end_power)
{
  const xnnx_begun_power begun = xnnx_begin_power(load_table(), xnnx_load(in->far_rounded));
  xnnx_store(out->floats, xnnx_end_power(begun, xnnx_load(in->exponent_fields)));
}

CALL(max_of_bits)
{
  xnnx_store(out->floats, xnnx_max_of_bits(xnnx_load(in->row[0]), xnnx_load(in->row[1])));
}

CALL(max_of_bits_in_all_lanes)
{
  xnnx_store(out->floats, xnnx_max_of_bits_in_all_lanes(xnnx_load(in->row[0])));
}

CALL(add)
{
  xnnx_store(out->floats, xnnx_add(xnnx_load(in->row[0]), xnnx_load(in->row[1])));
}

CALL(subtract)
{
  xnnx_store(out->floats, xnnx_subtract(xnnx_load(in->row[0]), xnnx_load(in->row[1])));
}

CALL(multiply)
{
  xnnx_store(out->floats, xnnx_multiply(xnnx_load(in->row[0]), xnnx_load(in->row[1])));
}

CALL(multiply_add)
{
  const xnnx_f32x16 c = xnnx_load(in->row[2]);
  xnnx_store(out->floats, xnnx_multiply_add(xnnx_load(in->row[0]), xnnx_load(in->row[1]), c));
}

CALL(multiply_add_or_zero)
{
  const xnnx_f32x16 a = xnnx_load(in->row[0]);
  const xnnx_f32x16 b = xnnx_load(in->row[1]);
  const xnnx_f32x16 c = xnnx_load(in->row[2]);
  const xnnx_mask16 mask = xnnx_not_below(xnnx_load(in->row[3]), xnnx_load(in->row[4]));
  xnnx_store(out->floats, xnnx_multiply_add_or_zero(mask, a, b, c));
}

CALL(max)
{
  xnnx_store(out->floats, xnnx_max(xnnx_load(in->row[0]), xnnx_load(in->row[1])));
}

CALL(max_in_all_lanes)
{
  xnnx_store(out->floats, xnnx_max_in_all_lanes(xnnx_load(in->row[0])));
}

CALL(max_of_each)
{
  float lanes[16];
  xnnx_store(
      lanes,
      xnnx_max_of_each(
          xnnx_load(in->row[0]), xnnx_load(in->row[1]), xnnx_load(in->row[2]), xnnx_load(in->row[3]),
          xnnx_load(in->row[4]), xnnx_load(in->row[5]), xnnx_load(in->row[6]), xnnx_load(in->row[7])));
  memcpy(out->floats, lanes, 8 * sizeof(float));
}

CALL(max_of_each_half)
{
  float lanes[16];
  xnnx_store(
      lanes,
      xnnx_max_of_each_half(
          xnnx_load(in->row[0]), xnnx_load(in->row[1]), xnnx_load(in->row[2]), xnnx_load(in->row[3])));
  memcpy(out->floats, lanes, 8 * sizeof(float));
}

CALL(are_within)
{
  out->truth = xnnx_are_within(xnnx_load(in->row[0]), in->limit);
}

// Doubles that are no floats.
static xnnx_f64x16 sum_of_rows(const struct vocabulary_input* in, size_t a, size_t b)
{
  return xnnx_add_doubles(xnnx_to_doubles(xnnx_load(in->row[a])), xnnx_to_doubles(xnnx_load(in->row[b])));
}

CALL(sum_of_lanes)
{
  out->number = xnnx_sum_of_lanes(sum_of_rows(in, 0, 1));
}

CALL(sum_of_one)
{
  out->number = xnnx_sum_of_one(xnnx_load(in->row[0]));
}

CALL(add_halves)
{
  xnnx_store(out->floats, xnnx_add_halves(xnnx_load(in->row[0]), xnnx_load(in->row[1])));
}

static xnnx_f64x8 sum_of_each_row(const struct vocabulary_input* in)
{
  return xnnx_sum_of_each(
      sum_of_rows(in, 0, 1), sum_of_rows(in, 1, 2), sum_of_rows(in, 2, 3), sum_of_rows(in, 3, 4),
      sum_of_rows(in, 4, 5), sum_of_rows(in, 5, 6), sum_of_rows(in, 6, 7), sum_of_rows(in, 7, 0));
}

CALL(reciprocals_of_sums)
{
  xnnx_store_reciprocals(out->floats, out->floats + 8, sum_of_each_row(in));
}

CALL(reciprocals_of_sums_of_halves)
{
  const xnnx_f64x8 sums = xnnx_sum_of_each_half(
      sum_of_rows(in, 0, 1), sum_of_rows(in, 1, 2), sum_of_rows(in, 2, 3), sum_of_rows(in, 3, 4));
  xnnx_store_reciprocals(out->floats, out->floats + 8, sums);
}

CALL(are_positive)
{
  out->truth = xnnx_are_positive(sum_of_each_row(in));
}

// Half of the lanes of each part, which are all the same.
CALL(split)
{
  const xnnx_two_floats parts = xnnx_split(xnnx_sum_of_lanes(sum_of_rows(in, 0, 1)));
  float low[16];
  xnnx_store(out->floats, parts.high);
  xnnx_store(low, parts.low);
  memcpy(out->floats + 8, low + 8, 8 * sizeof(float));
}

#define VOCABULARY_NAME(isa) vocabulary_of_##isa
#define VOCABULARY_NAME_OF(isa) VOCABULARY_NAME(isa)
const struct vocabulary VOCABULARY_NAME_OF(VOCABULARY_ISA) = {
#define VOCABULARY_MEMBER(name, comparison) .name = call_##name,
    VOCABULARY(VOCABULARY_MEMBER)
#undef VOCABULARY_MEMBER
};
