#include "src/operators/softmax-stream.h"

#include "src/xnnx/sums.h"

#define XNNX_SLOT_BLOCKS (XNNX_SLOT_ELEMENTS / XNNX_BLOCK_ELEMENTS)

// The row whose exponentials are computed, and the one before it, whose exponentials leave. The slots of scratch are a
// ring: a slot's exponentials are stored where those of the slot before have just left.
struct stream {
  struct xnnx_softmax_row row;
  const float* next_input;  // that of the row after `row`; NULL: there is none
  float* pending_output;    // where the row before goes; NULL: nothing waits
  float* scratch;
  size_t ring_slots;
  size_t first_pending_slot;
  float max;  // of the next block
};

static float* pending_exponentials(const struct stream* stream, size_t slot)
{
  const size_t in_ring = stream->first_pending_slot + slot;
  return stream->scratch + (in_ring < stream->ring_slots ? in_ring : in_ring - stream->ring_slots) * XNNX_SLOT_ELEMENTS;
}

static size_t first_slot(const struct stream* stream)
{
  return (stream->first_pending_slot == 0 ? stream->ring_slots : stream->first_pending_slot) - 1;
}

static float* exponentials(const struct stream* stream, size_t slot)
{
  return slot == 0 ? stream->scratch + first_slot(stream) * XNNX_SLOT_ELEMENTS : pending_exponentials(stream, slot - 1);
}

static size_t slot_elements(const struct stream* stream, size_t slot)
{
  const size_t rest = stream->row.channels - slot * XNNX_SLOT_ELEMENTS;
  return rest < XNNX_SLOT_ELEMENTS ? rest : XNNX_SLOT_ELEMENTS;
}

// Stores a slot's exponentials while those of the pending row's slot leave, and finds the next block's maximum.
static void store_slot(struct stream* stream, size_t slot)
{
  const struct xnnx_softmax_row* row = &stream->row;
  const size_t count = slot_elements(stream, slot);
  const float* input = row->input + slot * XNNX_SLOT_ELEMENTS;
  const bool is_last = slot + 1 == xnnx_slot_count(row->channels);
  const float* next_input = is_last ? stream->next_input : input + count;
  const size_t next_block = is_last ? 0 : (slot + 1) * XNNX_SLOT_BLOCKS;
  struct xnnx_streamed_blocks streamed = {.output = NULL};
  if (stream->pending_output != NULL) {
    streamed.input = pending_exponentials(stream, slot);
    streamed.output = stream->pending_output + slot * XNNX_SLOT_ELEMENTS;
    streamed.factors = stream->row.factors + slot * XNNX_SLOT_BLOCKS;
  }
  row->kernels->raddstoreexpminusmax(
      count, input, exponentials(stream, slot), &stream->max, row->sums + slot * XNNX_SLOT_BLOCKS,
      next_input == NULL ? 0 : xnnx_block_elements(row->channels, next_block), next_input,
      /*is_far=*/true, streamed.output == NULL ? NULL : &streamed);
}

static void stream_pending_block(const struct stream* stream, size_t block)
{
  const struct xnnx_softmax_row* row = &stream->row;
  const float* block_exponentials =
      pending_exponentials(stream, block / XNNX_SLOT_BLOCKS) + block % XNNX_SLOT_BLOCKS * XNNX_BLOCK_ELEMENTS;
  row->kernels->vmulc(
      xnnx_block_elements(row->channels, block), block_exponentials,
      stream->pending_output + block * XNNX_BLOCK_ELEMENTS, stream->row.factors[block], /*stream=*/true);
}

void xnnx_stream_rows(
    const struct xnnx_softmax_row* first_row,
    size_t row_count,
    size_t input_stride,
    size_t output_stride,
    float* scratch)
{
  struct stream stream = {
    .row = *first_row,
    .scratch = scratch,
    .ring_slots = xnnx_slot_count(first_row->channels) + 1,
  };
  first_row->kernels->rmax(xnnx_block_elements(first_row->channels, 0), first_row->input, &stream.max);
  for (size_t i = 0; i < row_count; i++) {
    stream.row.input = first_row->input + i * input_stride;
    stream.next_input = i + 1 < row_count ? stream.row.input + input_stride : NULL;
    for (size_t slot = 0; slot < xnnx_slot_count(first_row->channels); slot++) {
      store_slot(&stream, slot);
    }
    xnnx_find_factors(xnnx_block_count(first_row->channels), first_row->sums, first_row->scale_of_fully_masked, first_row->factors);
    stream.pending_output = first_row->output + i * output_stride;
    stream.first_pending_slot = first_slot(&stream);
  }
  for (size_t block = 0; block < xnnx_block_count(first_row->channels) && row_count != 0; block++) {
    stream_pending_block(&stream, block);
  }
}
