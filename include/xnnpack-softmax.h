// xnnpack-softmax: softmax for CPUs, as an extension of XNNPACK.
//
// For every row x of `channels` floats the operator computes y[i] = exp(x[i]) / sum_j exp(x[j]).
//
// Accuracy    At most 4 ULP for finite inputs of any magnitude and number, and 4.5 ULP between FLT_MIN and twice that.
//             (ULP: the distance between neighbouring floats at the exact result.) Results under FLT_MIN are off by less
//             than FLT_MIN: they may be zero. 0 <= y[i] <= 1, and the y[i] of a row sum to 1 within 5e-7.
// Masks       An element that is -infinity gives exactly 0 and leaves the others alone.
// NaN         Any NaN or +infinity in a row makes that whole row NaN, and so does a row of nothing but -infinity
//             (zeros instead with XNNX_FLAG_ZERO_FULLY_MASKED_ROWS; the flag never hides a NaN). Always the same NaN.
// Same bits   The same flags and channels give a row the same bits on every processor and instruction set, for every
//             thread count, batch, stride and alignment, in place or not, past the caches or not. Rows of more than 256
//             channels have the same bits whichever algorithm is forced. docs/arithmetic.md says which bits.
// Floating-point environment
//             Results are the same whatever the caller's rounding mode, flushing of denormals and traps: each thread
//             computes in the default environment, traps nothing, and has its own mode and flags again afterwards.
//
// Life of an operator: create once; then reshape, setup and run as often as wanted, with any shapes and pointers;
// delete.
//
//   #include <stdio.h>
//   #include <xnnpack-softmax.h>
//
//   int main(void) {
//     const float scores[2][3] = {{1.0f, 2.0f, 3.0f}, {1000.0f, 0.0f, -1000.0f}};
//     float probabilities[2][3];
//     xnnx_operator_t softmax = NULL;
//     enum xnn_status status = xnnx_create_softmax_nc_f32(/*flags=*/0, &softmax);
//     if (status == xnn_status_success) {
//       status = xnnx_reshape_softmax_nc_f32(softmax, /*channels=*/3, /*input_stride=*/3, /*output_stride=*/3,
//                                            /*batch_size=*/2, /*threadpool=*/NULL);
//     }
//     if (status == xnn_status_success) {
//       status = xnnx_setup_softmax_nc_f32(softmax, &scores[0][0], &probabilities[0][0]);
//     }
//     if (status == xnn_status_success) {
//       status = xnnx_run_operator(softmax, /*threadpool=*/NULL);
//     }
//     if (status == xnn_status_success) {
//       printf("%f %f %f\n", probabilities[0][0], probabilities[0][1], probabilities[0][2]);
//     } else {
//       fprintf(stderr, "%s\n", xnnx_last_error());
//     }
//     xnnx_delete_operator(softmax);
//     return status == xnn_status_success ? 0 : 1;
//   }
//
// Environment, read when an operator is created:
//   XNNX_MAX_ISA=NAME                  the best instruction set that may be used: avx512f or avx2 on x86-64, neon on AArch64,
//                                      scalar (plain C); empty: any; another value is an error that lists the names
// In a program that is linked with this library before XNNPACK, or has it preloaded, every f32 softmax of XNNPACK is computed
// by this library, in graphs and outside; XNNPACK's own runs where ours cannot, and where it would be slower (in plain
// C).
// Environment, read once by the graph layer:
//   XNNX_DISABLE=1                     every softmax of XNNPACK is its own. A value that is neither 0, 1 nor empty, here
//                                      or of XNNX_VERBOSE, does the same, and a line on standard error says why; a runtime
//                                      with a node of xnnx_define_softmax is not created then.
//   XNNX_VERBOSE=1                     a line on standard error when ours first computes a softmax of XNNPACK's in a new
//                                      shape, and where XNNPACK's own runs instead, saying why

#pragma once

#include <stddef.h>
#include <stdint.h>

#include <pthreadpool.h>
#include <xnnpack.h>

#ifdef __cplusplus
extern "C" {
#endif

// The version of the arithmetic: results of the same version have the same bits, for the same flags and channels, on every
// processor and instruction set, with every compiler. What changes a bit of any result raises it. docs/arithmetic.md describes
// this one.
#define XNNX_ARITHMETIC_VERSION 4

// Force an algorithm; at most one of the four. With none of them the operator chooses by size: short rows in one pass;
// with AVX-512, rows whose input and output are 1.5 times the largest cache or more in two passes; others in blocks.
//
// Blocks: per block of 2048 elements store exp(x) relative to an exponent of the block's own, and sum; then scale each
// block. One exponential an element, and x is read once: best where a row fits a cache.
#define XNNX_FLAG_BLOCKED 0x20000000u
// Two passes: sum of exp(x) as (mantissa, exponent) pairs; recompute, scale, store.
// Reads and writes 3 x 4 bytes an element, the least of the four (4 x 4 where it does not write past the caches): best
// where a row exceeds the last-level cache by far.
// (Dukhan and Ablavatski, "The Two-Pass Softmax Algorithm", 2020, algorithm 3.)
#define XNNX_FLAG_TWO_PASS 0x01000000u
// Three passes: max; sum of exp(x) relative to its exponent; recompute, scale, store. (Same paper, algorithm 1, where it is
// exp(x - max).)
#define XNNX_FLAG_THREE_PASS_RECOMPUTE 0x02000000u
// Three passes: max; store and sum the same; scale in place. (Same paper, algorithm 2.)
#define XNNX_FLAG_THREE_PASS_RELOAD 0x04000000u

// A row in which every element is -infinity gives zeros instead of NaN.
#define XNNX_FLAG_ZERO_FULLY_MASKED_ROWS 0x08000000u
// Never write the output around the caches, because the caller reads it at once.
#define XNNX_FLAG_KEEP_OUTPUT_IN_CACHE 0x10000000u

// For xnnx_define_softmax alone, and with no other flag: XNNPACK's own softmax runs at this node, to compare with.
#define XNNX_FLAG_XNNPACK_SOFTMAX 0x40000000u

// An operator: its flags, shape, pointers and choice of kernels. It owns less than a KiB and, for rows of more than
// 8192 elements, the memory that xnnx_reshape_softmax_nc_f32 says.
//
// Thread-safety: different operators may be used from different threads at will. Calls on one operator must not
// overlap.
typedef struct xnnx_operator* xnnx_operator_t;

// Creates a softmax operator over the last, contiguous axis ("nc": rows by channels).
//
// flags   any of XNNX_FLAG_* but XNNX_FLAG_XNNPACK_SOFTMAX, at most one of them an algorithm
// op_out  receives the operator, which the caller owns and gives to xnnx_delete_operator; NULL on failure
//
// xnn_status_success
// xnn_status_invalid_parameter     op_out is NULL, unknown or contradictory flags, or XNNX_MAX_ISA names no
//                                  instruction set
// xnn_status_unsupported_hardware  cpuinfo is not there, or does not know this processor
// xnn_status_out_of_memory
enum xnn_status xnnx_create_softmax_nc_f32(uint32_t flags, xnnx_operator_t* op_out);

// Gives the operator a shape: input and output are `batch_size` rows of `channels` floats.
//
// channels       elements in a row, at least 1
// input_stride   distance between the starts of consecutive input rows in elements, at least `channels`
// output_stride  the same for the output
// batch_size     rows; 0 is allowed, and setup and run then touch nothing
// threadpool     the pool that will run the operator, from which only the number of threads is taken, or NULL.
//                Running on another pool is correct, too.
//
// Rows of more than 8192 elements take memory, which the operator owns until its next reshape. One row runs at a time on
// each thread, or a single one where there are fewer rows than threads; each of these takes, rounded up to 64 bytes:
// - 28 bytes for every 2048 elements begun;
// - where results wait to go past the caches, such a row, rounded up to 32 KiB, and 32 KiB more. They wait in a batch that
//   exceeds the caches, of rows of up to an eighth of the largest one, without XNNX_FLAG_KEEP_OUTPUT_IN_CACHE.
// With a cache of 32 MiB, 8 rows of 1,000,000 on 8 threads take 31 MiB.
//
// After success, xnnx_setup_softmax_nc_f32 must be called before the operator can run. After failure the operator keeps
// the shape and the pointers that it had.
//
// xnn_status_success
// xnn_status_invalid_parameter      op is NULL or no softmax, channels is 0, or a stride is less than channels
// xnn_status_unsupported_parameter  batch_size x stride x 4 bytes does not fit size_t
// xnn_status_out_of_memory
enum xnn_status xnnx_reshape_softmax_nc_f32(
    xnnx_operator_t op,
    size_t channels,
    size_t input_stride,
    size_t output_stride,
    size_t batch_size,
    pthreadpool_t threadpool);

// Gives the operator its tensors, which the caller owns and keeps alive until the last run.
//
// input   [batch_size, channels] with input_stride, aligned to 4 bytes
// output  [batch_size, channels] with output_stride, aligned to 4 bytes; may equal input if the strides are equal
//         or there is one row, and must not overlap it otherwise; at equal strides its rows may lie between the input's
// Between rows, memory is neither read nor written. With a batch of 0 both pointers are ignored.
//
// xnn_status_success
// xnn_status_invalid_parameter  op is NULL or no softmax, a pointer NULL or misaligned, or the tensors overlap in part
// xnn_status_invalid_state      the operator has no shape yet
enum xnn_status xnnx_setup_softmax_nc_f32(xnnx_operator_t op, const float* input, float* output);

// Computes the softmax of every row. Allocates nothing, takes no lock of this library, and needs 96 KiB of stack a
// thread.
//
// threadpool  runs the work in parallel and returns when all is done; NULL: the calling thread does it all.
//             One pool must not run two operators at the same time (a rule of pthreadpool).
//
// xnn_status_success
// xnn_status_invalid_parameter  op is NULL
// xnn_status_invalid_state      the operator was not set up since its last reshape, with a batch of 0 as well
enum xnn_status xnnx_run_operator(xnnx_operator_t op, pthreadpool_t threadpool);

// Frees the operator. NULL is allowed and does nothing.
//
// xnn_status_success
enum xnn_status xnnx_delete_operator(xnnx_operator_t op);

// Like xnn_define_softmax, over the last dimension, but the node is computed by this library, even where plain C is slower.
// `flags`: XNNX_FLAG_* only, none of XNNPACK's. Returns the statuses of xnn_define_softmax. Thread-safety is that of
// xnn_define_softmax: one thread a subgraph.
// Creating a runtime with this node fails where ours cannot be created, instead of leaving the node to XNNPACK. But with
// XNNX_DISABLE=1, and for tensors that overlap in part, XNNPACK's own softmax runs, without our flags.
// Available where the graph layer is linked (before XNNPACK) or preloaded.
//
// xnn_status_invalid_parameter  also for unknown or contradictory XNNX_FLAG_*
// xnn_status_invalid_state      this library comes after XNNPACK in symbol order, so that XNNPACK's calls do not arrive
enum xnn_status xnnx_define_softmax(xnn_subgraph_t subgraph, uint32_t input_id, uint32_t output_id, uint32_t flags);

// One line that names the shape, the algorithm, the instruction set and the kernels that the operator runs, such as
// "softmax 64 x 1000: blocked on avx512f: xnnx_f32_softmaxrows_ukernel__...". Which stores it uses,
// past the caches or not, is known from xnnx_setup_softmax_nc_f32 on. For an operator without a shape or NULL it says
// that. The text belongs to the calling thread and lasts until its next call of this or the next function. (Its buffer
// is allocated by a thread's first call.)
const char* xnnx_describe_operator(xnnx_operator_t op);

// The same for the last softmax of this library that the calling thread ran, inside a graph or not (with a pool: the
// thread that called run or invoked the runtime); "no softmax has run on this thread" before the first.
const char* xnnx_describe_last_run(void);

// The calling thread's last failure, in a sentence that names the function and the offending value; "" before the
// first. The text belongs to the calling thread and lasts until its next failure.
const char* xnnx_last_error(void);

#ifdef __cplusplus
}  // extern "C"
#endif
