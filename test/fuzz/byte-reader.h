// Choices out of the bytes of a fuzzer's input. When they are used up, every further choice is the first.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>

class ByteReader {
 public:
  ByteReader(const uint8_t* bytes, size_t count) : bytes_(bytes), count_(count) {}

  bool is_empty() const { return count_ == 0; }

  // Any bit pattern.
  template <typename Value>
  Value any() {
    Value value{};
    const size_t taken = count_ < sizeof(value) ? count_ : sizeof(value);
    if (taken != 0) {
      memcpy(&value, bytes_, taken);
    }
    bytes_ += taken;
    count_ -= taken;
    return value;
  }

  bool flag() { return (any<uint8_t>() & 1) != 0; }

  // From `lowest` to `highest`.
  size_t between(size_t lowest, size_t highest) {
    const size_t choices = highest - lowest + 1;
    return lowest + (choices <= 256 ? any<uint8_t>() : choices <= 65536 ? any<uint16_t>() : any<uint32_t>()) % choices;
  }

  template <typename Values>
  auto one_of(const Values& values) {
    return std::data(values)[between(0, std::size(values) - 1)];
  }

 private:
  const uint8_t* bytes_;
  size_t count_;
};
