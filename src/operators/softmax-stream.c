#include "src/operators/softmax-stream.h"

// The row whose exponentials are computed, and the one before it, whose exponentials leave. The slots of scratch, of a
// block each, are a ring: a block's exponentials are stored where those of the block before have just left.
struct stream {
  struct xnnx_softmax_row row;
  const float* next_input;  // that of the row after `row`
  float* pending_output;    // where the row before goes; NULL: nothing waits
  float* scratch;
  size_t slot_count;
  size_t first_pending_slot;
};

static float* pending_exponentials(const struct stream* stream, size_t block)
{
  const size_t slot = stream->first_pending_slot + block;
  return stream->scratch + (slot < stream->slot_count ? slot : slot - stream->slot_count) * XNNX_BLOCK_ELEMENTS;
}

static size_t first_slot(const struct stream* stream)
{
  return (stream->first_pending_slot == 0 ? stream->slot_count : stream->first_pending_slot) - 1;
}

static float* exponentials(const struct stream* stream, size_t block)
{
  return block == 0 ? stream->scratch + first_slot(stream) * XNNX_BLOCK_ELEMENTS
                    : pending_exponentials(stream, block - 1);
}

static void stream_pending_block(const struct stream* stream, size_t block)
{
  const struct xnnx_softmax_row* row = &stream->row;
  row->kernels->vmulcstream(
      xnnx_block_elements(row->channels, block) * sizeof(float), pending_exponentials(stream, block),
      stream->pending_output + block * XNNX_BLOCK_ELEMENTS, row->partials[block].factor);
}

// Where to fetch from beside a block: as far ahead as a block is long.
static const float* input_to_fetch(const struct stream* stream, size_t block)
{
  const struct xnnx_softmax_row* row = &stream->row;
  const size_t next = (block + 1) * XNNX_BLOCK_ELEMENTS;
  return next < row->channels ? row->input + next : stream->next_input;
}

// Stores a block's exponentials while those of the pending row's block leave.
static void store_block(const struct stream* stream, size_t block)
{
  const struct xnnx_softmax_row* row = &stream->row;
  const struct xnnx_softmax_kernels* kernels = row->kernels;
  const size_t count = xnnx_block_elements(row->channels, block);
  const float* input = row->input + block * XNNX_BLOCK_ELEMENTS;
  const float* next_input = input_to_fetch(stream, block);
  float* block_exponentials = exponentials(stream, block);
  const struct xnnx_estimate estimate = xnnx_estimate_max(kernels, count, input);
  union xnnx_partial_result* partial = &row->partials[block];
  struct xnnx_block_sum sum;
  if (stream->pending_output == NULL) {
    sum = xnnx_store_block(kernels, count, input, block_exponentials, estimate, next_input);
  } else {
    sum = xnnx_store_block_beside_stream(
        kernels, count, input, block_exponentials, estimate, next_input, pending_exponentials(stream, block),
        stream->pending_output + block * XNNX_BLOCK_ELEMENTS, partial->factor);
  }
  if (row->channels <= XNNX_BLOCK_ELEMENTS) {
    // What the block's scale is matters only beside others.
    partial->factor = xnnx_scale_of_sum(sum.mantissa, row->zero_if_fully_masked);
  } else {
    partial->sum = sum;
  }
}

static void find_factors(const struct stream* stream)
{
  const struct xnnx_softmax_row* row = &stream->row;
  const size_t block_count = xnnx_block_count(row->channels);
  const struct xnnx_block_sum sum = xnnx_add_block_sums(&row->partials[0].sum, block_count);
  const double scale = xnnx_scale_of_sum(sum.mantissa, row->zero_if_fully_masked);
  for (size_t block = 0; block < block_count; block++) {
    union xnnx_partial_result* partial = &row->partials[block];
    const double factor = scale * xnnx_ratio_of_scales(partial->sum, sum);
    partial->factor = xnnx_begin_product(
        row->kernels, xnnx_block_elements(row->channels, block), exponentials(stream, block), factor);
  }
}

void xnnx_stream_rows(
    const struct xnnx_softmax_row* first_row,
    size_t row_count,
    size_t input_stride,
    size_t output_stride,
    float* scratch)
{
  const size_t block_count = xnnx_block_count(first_row->channels);
  struct stream stream = {
    .row = *first_row,
    .scratch = scratch,
    .slot_count = xnnx_stream_scratch_blocks(first_row->channels),
  };
  for (size_t i = 0; i < row_count; i++) {
    stream.row.input = first_row->input + i * input_stride;
    stream.row.output = first_row->output + i * output_stride;
    stream.next_input = i + 1 < row_count ? stream.row.input + input_stride : stream.row.input;
    for (size_t block = 0; block < block_count; block++) {
      store_block(&stream, block);
    }
    if (block_count > 1) {
      find_factors(&stream);
    }
    stream.pending_output = stream.row.output;
    stream.first_pending_slot = first_slot(&stream);
  }
  for (size_t block = 0; block < block_count && row_count != 0; block++) {
    stream_pending_block(&stream, block);
  }
}
