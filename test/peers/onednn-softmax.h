// oneDNN's softmax over the last dimension, of either version.

#pragma once

#include <dnnl.hpp>

inline dnnl::softmax_forward make_onednn_softmax(const dnnl::engine& engine, const dnnl::memory::desc& shape)
{
#if DNNL_VERSION_MAJOR < 3
  const dnnl::softmax_forward::desc softmax(dnnl::prop_kind::forward_inference, shape, /*softmax_axis=*/1);
  return dnnl::softmax_forward(dnnl::softmax_forward::primitive_desc(softmax, engine));
#else
  return dnnl::softmax_forward(dnnl::softmax_forward::primitive_desc(
      engine, dnnl::prop_kind::forward_inference, dnnl::algorithm::softmax_accurate, shape, shape, /*axis=*/1));
#endif
}
