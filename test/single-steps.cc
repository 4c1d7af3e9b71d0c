#include "test/single-steps.h"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ucontext.h>

namespace {

constexpr uint8_t kTwoByteEscape = 0x0F;
constexpr uint64_t kTrapFlag = 0x100;

Steps steps;
volatile sig_atomic_t is_stepping;

bool is_legacy_prefix(uint8_t byte) {
  switch (byte) {
    case 0x66: case 0xF2: case 0xF3: case 0xF0: case 0x2E: case 0x36: case 0x3E: case 0x26: case 0x64: case 0x65: case 0x67:
      return true;
    default:
      return (byte & 0xF0) == 0x40;  // REX
  }
}

// movntps, movntpd, movntdq: 2B and E7 of the map 0F, in each encoding; movnti: C3.
bool is_non_temporal_opcode(uint8_t opcode, bool is_vector_encoding) {
  return opcode == 0x2B || opcode == 0xE7 || (opcode == 0xC3 && !is_vector_encoding);
}

void look_at(const uint8_t* instruction) {
  steps.instructions++;
  bool is_store = false;
  if (instruction[0] == 0xC5) {
    is_store = is_non_temporal_opcode(instruction[2], true);
  } else if (instruction[0] == 0xC4) {
    is_store = (instruction[1] & 0x1F) == 1 && is_non_temporal_opcode(instruction[3], true);
  } else if (instruction[0] == 0x62) {
    is_store = (instruction[1] & 0x07) == 1 && is_non_temporal_opcode(instruction[4], true);
  } else {
    while (is_legacy_prefix(*instruction)) {
      instruction++;
    }
    if (instruction[0] == kTwoByteEscape) {
      is_store = is_non_temporal_opcode(instruction[1], false);
      // mfence and sfence.
      if (instruction[1] == 0xAE && (instruction[2] == 0xF0 || instruction[2] == 0xF8)) {
        steps.unfenced_stores = 0;
      }
    }
  }
  steps.non_temporal_stores += is_store;
  steps.unfenced_stores += is_store;
}

void on_trap(int, siginfo_t*, void* context) {
  greg_t* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  if (is_stepping) {
    look_at(reinterpret_cast<const uint8_t*>(registers[REG_RIP]));
  } else {
    registers[REG_EFL] &= ~static_cast<greg_t>(kTrapFlag);
  }
}

}  // namespace

Steps single_steps_of(const std::function<void()>& function) {
  struct sigaction action;
  struct sigaction previous_action;
  std::memset(&action, 0, sizeof(action));
  action.sa_sigaction = on_trap;
  action.sa_flags = SA_SIGINFO;
  if (sigaction(SIGTRAP, &action, &previous_action) != 0) {
    abort();
  }
  steps = Steps();
  is_stepping = 1;
  __asm__ volatile("pushfq\n\torq %0, (%%rsp)\n\tpopfq" : : "i"(kTrapFlag) : "memory", "cc");
  function();
  is_stepping = 0;
  __asm__ volatile("pushfq\n\tandq %0, (%%rsp)\n\tpopfq" : : "i"(~kTrapFlag) : "memory", "cc");
  sigaction(SIGTRAP, &previous_action, nullptr);
  return steps;
}
