#pragma once

#include <map>

#include "config/document.h"

namespace connector::config {

// Lines of the keys that the file has, for messages about several of them.
using Lines = std::map<std::string, int, std::less<>>;

// What can only be judged when everything is read: missing values, values that contradict each
// other, lists that serve two purposes, values copied from an example.
void CheckWhole(const Lines& lines, Problems& problems, Config& config);

}  // namespace connector::config
