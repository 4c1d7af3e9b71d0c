#include <stdint.h>

#include <xnnpack-softmax.h>

#include "src/graph/graph-flags.h"
#include "src/graph/interpose.h"
#include "src/xnnx/error.h"
#include "src/xnnx/softmax-flags.h"

enum xnn_status xnnx_define_softmax(xnn_subgraph_t subgraph, uint32_t input_id, uint32_t output_id, uint32_t flags)
{
  enum xnn_status status = xnnx_check_softmax_flags("xnnx_define_softmax", flags);
  if (status != xnn_status_success) {
    return status;
  }
  if (!xnnx_graph_comes_before_xnnpack()) {  // the mark would be overlooked in silence
    xnnx_set_last_error(
        "xnnx_define_softmax: XNNPACK comes before this library in symbol order; link ours first, or preload it");
    return xnn_status_invalid_state;
  }
  status = xnn_define_softmax(subgraph, input_id, output_id, flags | XNNX_GRAPH_FLAG_OURS);
  if (status != xnn_status_success) {
    xnnx_set_last_error(
        "xnnx_define_softmax: XNNPACK refuses input %u and output %u with its status %d", input_id, output_id, status);
  }
  return status;
}
