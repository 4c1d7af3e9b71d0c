#include "test/accuracy/our-softmax.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "test/max-isa.h"
#include "test/threadpool.h"

namespace xnnx_accuracy {
namespace {

struct OperatorDeleter {
  void operator()(xnnx_operator_t op) const { xnnx_delete_operator(op); }
};

using Operator = std::unique_ptr<std::remove_pointer_t<xnnx_operator_t>, OperatorDeleter>;

void check(enum xnn_status status)
{
  if (status != xnn_status_success) {
    throw std::runtime_error(xnnx_last_error());
  }
}

Operator create_operator(enum xnnx_isa isa, uint32_t flags)
{
  const MaxIsa max_isa(xnnx_isa_name(isa));
  xnnx_operator_t op = nullptr;
  check(xnnx_create_softmax_nc_f32(flags, &op));
  return Operator(op);
}

}  // namespace

std::vector<enum xnnx_isa> all_isas()
{
  std::vector<enum xnnx_isa> isas;
  for (int isa = 0; isa < xnnx_isa_count; isa++) {
    isas.push_back(static_cast<enum xnnx_isa>(isa));
  }
  return isas;
}

bool is_usable(enum xnnx_isa isa)
{
  uint32_t usable = 0;
  check(xnnx_find_usable_isas("is_usable", &usable));
  return (usable >> isa & 1) != 0;
}

std::vector<enum xnnx_isa> usable_isas()
{
  std::vector<enum xnnx_isa> isas = all_isas();
  isas.erase(
      std::remove_if(isas.begin(), isas.end(), [](enum xnnx_isa isa) { return !is_usable(isa); }), isas.end());
  return isas;
}

void run_our_softmax(const Batch& batch, enum xnnx_isa isa, const Algorithm& algorithm, uint32_t extra_flags)
{
  const Threadpool threadpool = make_threadpool(batch.threads);
  const Operator op = create_operator(isa, algorithm.flags | extra_flags);
  check(xnnx_reshape_softmax_nc_f32(
      op.get(), batch.channels, batch.channels, batch.channels, batch.rows, threadpool.get()));
  check(xnnx_setup_softmax_nc_f32(op.get(), batch.input, batch.output));
  const std::string description = xnnx_describe_operator(op.get());
  const std::string expected = (algorithm.flags == 0 ? "" : std::string(algorithm.name)) + " on " + xnnx_isa_name(isa);
  if (description.find(expected) == std::string::npos) {
    throw std::runtime_error("the operator would run \"" + description + "\" instead of" + expected);
  }
  check(xnnx_run_operator(op.get(), threadpool.get()));
}

}  // namespace xnnx_accuracy
