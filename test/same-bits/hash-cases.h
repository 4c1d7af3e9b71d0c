// Calls whose outputs test/same-bits/hashes.txt knows. Their inputs are made of integers and exact products, so that they are
// the same on every machine. A case's name says all that it is made of.

#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "test/operator-fixture.h"

struct HashCase {
  std::string name;
  uint32_t flags;
  Shape shape;
  Floats input;  // of all rows, at the shape's stride
};

void for_each_hash_case(const std::function<void(const HashCase&)>& use);
