// How xnnx_define_softmax says which softmax a node wants: XNNPACK carries a node's flags from xnn_define_softmax to
// xnn_create_softmax_nc_f32 without looking at the bits that it does not know. Its own are all in the low half.

#pragma once

// Put on a node beside the XNNX_FLAG_* that it was given. Those mean nothing without it.
#define XNNX_GRAPH_FLAG_MARKED 0x80000000u
