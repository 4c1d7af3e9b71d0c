// What other programs do on this machine meanwhile.

#pragma once

#include <string>

namespace xnnx_bench {

// The processors' time up to now, in seconds.
struct ProcessorUse {
  double wall;
  double all;  // of all programs, this one among them, and what a hypervisor took; 0 where the system does not say
  double own;
};

ProcessorUse read_processor_use(const std::string& stat_file = "/proc/stat");

// How many processors other programs used on average from one time to another.
double processors_of_others(const ProcessorUse& before, const ProcessorUse& after);

// The same from the construction on.
class OtherPrograms {
 public:
  OtherPrograms() : start_(read_processor_use()) {}
  // Waits where less time has passed than the system's clock of the processors can tell anything about.
  double processors() const;

 private:
  ProcessorUse start_;
};

}  // namespace xnnx_bench
