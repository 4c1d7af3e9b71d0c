// Rows of inputs, each kind described by a text such as "uniform:-10:10".

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace xnnx_accuracy {

class Distribution {
 public:
  // Throws std::invalid_argument, whose sentence names what is wrong with the text.
  explicit Distribution(const std::string& text);

  const std::string& text() const { return text_; }

  // The same elements whenever text, row and count are the same. Finite, or -infinity where the text says so; never all
  // of them -infinity.
  void fill_row(uint64_t row, size_t count, float* elements) const;

  // The names of the kinds of which there is none among the texts.
  static std::vector<std::string> kinds_not_among(const std::vector<std::string>& texts);

  // One line for each kind: its text and what it means.
  static std::string help();

 private:
  std::string text_;
  size_t kind_;
  std::vector<double> parameters_;
};

}  // namespace xnnx_accuracy
