#include <dnnl.hpp>
#include <omp.h>

#include "test/accuracy/peer-softmax.h"
#include "test/peers/onednn-softmax.h"

namespace xnnx_accuracy {

void run_onednn_softmax(const Batch& batch)
{
  // Debian's oneDNN runs on OpenMP threads.
  omp_set_num_threads(static_cast<int>(batch.threads));
  try {
    const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    dnnl::stream stream(engine);
    const dnnl::memory::desc shape(
        {static_cast<dnnl::memory::dim>(batch.rows), static_cast<dnnl::memory::dim>(batch.channels)},
        dnnl::memory::data_type::f32, dnnl::memory::format_tag::ab);
    make_onednn_softmax(engine, shape).execute(
        stream, {{DNNL_ARG_SRC, dnnl::memory(shape, engine, const_cast<float*>(batch.input))},
                 {DNNL_ARG_DST, dnnl::memory(shape, engine, batch.output)}});
    stream.wait();
  } catch (const dnnl::error& error) {
    throw std::runtime_error(error.what());
  }
}

}  // namespace xnnx_accuracy
