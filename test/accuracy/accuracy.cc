// Measures how far softmax implementations are from the exact results; --help says how to ask.

#include <cstdio>
#include <exception>
#include <stdexcept>

#include "test/accuracy/options.h"
#include "test/accuracy/our-softmax.h"
#include "test/accuracy/peer-softmax.h"
#include "test/accuracy/report.h"
#include "test/accuracy/softmax-errors.h"

namespace xnnx_accuracy {
namespace {

// One shape with the inputs of one distribution.
class Measurement {
 public:
  Measurement(const Options& options, const Shape& shape, const Distribution& distribution)
      : options_(options),
        shape_(shape),
        distribution_(distribution),
        input_(shape.rows * shape.channels),
        output_(shape.rows * shape.channels)
  {
    for (size_t row = 0; row < shape.rows; row++) {
      distribution.fill_row(row, shape.channels, &input_[row * shape.channels]);
      exact_rows_.emplace_back(&input_[row * shape.channels], shape.channels);
    }
  }

  void measure(const std::string& implementation)
  {
    const Batch batch = {shape_.rows, shape_.channels, input_.data(), output_.data(), options_.threads};
    if (implementation == "ours") {
      for (const enum xnnx_isa isa : options_.isas) {
        for (const Algorithm& algorithm : options_.algorithms) {
          run_our_softmax(batch, isa, algorithm);
          report(xnnx_isa_name(isa), algorithm.name);
        }
      }
      return;
    }
    if (implementation == "xnnpack") {
      run_xnnpack_softmax(batch);
    } else {
      run_onednn_softmax(batch);
    }
    report("-", implementation);
  }

 private:
  void report(const std::string& isa, const std::string& algorithm) const
  {
    SoftmaxErrors errors;
    for (size_t row = 0; row < shape_.rows; row++) {
      const size_t first = row * shape_.channels;
      errors.add_row(exact_rows_[row], &input_[first], &output_[first], shape_.channels);
    }
    print_report_line(options_.csv, isa, algorithm, shape_, distribution_.text(), errors);
  }

  const Options& options_;
  Shape shape_;
  const Distribution& distribution_;
  std::vector<float> input_;
  std::vector<float> output_;
  std::vector<ExactSoftmax> exact_rows_;
};

int run(const Options& options)
{
  print_report_head(options.csv);
  for (const Shape& shape : options.shapes) {
    for (const Distribution& distribution : options.distributions) {
      Measurement measurement(options, shape, distribution);
      for (const std::string& implementation : options.implementations) {
        measurement.measure(implementation);
      }
    }
  }
  return 0;
}

}  // namespace
}  // namespace xnnx_accuracy

int main(int argc, char** argv)
{
  try {
    const xnnx_accuracy::Options options = xnnx_accuracy::parse_options(argc, argv);
    if (options.help) {
      std::fputs(xnnx_accuracy::usage().c_str(), stdout);
      return 0;
    }
    return xnnx_accuracy::run(options);
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "accuracy: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "accuracy: %s\n", error.what());
    return 1;
  }
}
