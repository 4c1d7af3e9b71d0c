// Caches that are smaller than a processor's, in tests that link this: what exceeds them is soon computed.

#include "test/processor-caches.h"

namespace {

[[maybe_unused]] const bool are_small = [] {
  caches.l3_bytes = 4 << 20;
  return true;
}();

}  // namespace
