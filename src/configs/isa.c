#include "src/xnnx/isa.h"

#include <stdlib.h>
#include <string.h>

#include <cpuinfo.h>

#include "src/xnnx/error.h"

static const char* const isa_names[] = {
#define XNNX_ISA(name, is_present) #name,
#include "src/xnnx/gen/isas.inc"
#undef XNNX_ISA
};

#define XNNX_ISA(name, is_present) " " #name
static const char isa_list[] =
#include "src/xnnx/gen/isas.inc"
;
#undef XNNX_ISA

const char* xnnx_isa_name(enum xnnx_isa isa)
{
  return isa_names[isa];
}

// Asks the compiler's run-time library and not cpuinfo, whose answers lie in a struct that differs between its versions: a
// static XNNPACK brings a cpuinfo of its own.
static uint32_t find_present_isas(void)
{
#if defined(__x86_64__)
  __builtin_cpu_init();  // which nobody else has called yet where a constructor creates an operator
#endif
  uint32_t present = 0;
#define XNNX_ISA(name, is_present) present |= (is_present) ? UINT32_C(1) << xnnx_isa_##name : 0;
#include "src/xnnx/gen/isas.inc"
#undef XNNX_ISA
  return present;
}

enum xnn_status xnnx_find_usable_isas(const char* function_name, uint32_t* usable)
{
  uint32_t first = 0;
  const char* max_isa = getenv("XNNX_MAX_ISA");
  if (max_isa != NULL && max_isa[0] != '\0') {
    while (first < xnnx_isa_count && strcmp(max_isa, isa_names[first]) != 0) {
      first++;
    }
    if (first == xnnx_isa_count) {
      xnnx_set_last_error("%s: XNNX_MAX_ISA=%s is none of:%s", function_name, max_isa, isa_list);
      return xnn_status_invalid_parameter;
    }
  }
  if (!cpuinfo_initialize()) {
    xnnx_set_last_error("%s: libcpuinfo.so.0 is not there, or does not know this processor", function_name);
    return xnn_status_unsupported_hardware;
  }
  *usable = find_present_isas() & (UINT32_MAX << first);
  return xnn_status_success;
}
