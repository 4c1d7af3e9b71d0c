// The best instruction set that operators may use, for the length of a scope.

#pragma once

#include <cstdlib>
#include <optional>
#include <string>

// Sets XNNX_MAX_ISA, which is read when an operator is created.
class MaxIsa {
 public:
  explicit MaxIsa(const char* isa) {
    const char* previous = std::getenv("XNNX_MAX_ISA");
    if (previous != nullptr) {
      previous_ = previous;
    }
    setenv("XNNX_MAX_ISA", isa, /*overwrite=*/1);
  }
  MaxIsa(const MaxIsa&) = delete;
  MaxIsa& operator=(const MaxIsa&) = delete;
  ~MaxIsa() {
    if (previous_) {
      setenv("XNNX_MAX_ISA", previous_->c_str(), /*overwrite=*/1);
    } else {
      unsetenv("XNNX_MAX_ISA");
    }
  }

 private:
  std::optional<std::string> previous_;
};
