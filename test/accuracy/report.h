// Prints what was measured, a line for each measurement.

#pragma once

#include <string>

#include "test/accuracy/options.h"
#include "test/accuracy/softmax-errors.h"

namespace xnnx_accuracy {

void print_report_head(bool csv);
void print_report_line(
    bool csv,
    const std::string& isa,
    const std::string& algorithm,
    const Shape& shape,
    const std::string& distribution,
    const SoftmaxErrors& errors);

}  // namespace xnnx_accuracy
