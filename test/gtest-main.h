#pragma once

#include <string>
#include <vector>

// What the command line has beside GoogleTest's options.
const std::vector<std::string>& test_arguments();
