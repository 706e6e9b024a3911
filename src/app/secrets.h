#pragma once

#include <vector>

#include "base/secret.h"

namespace connector::app {

std::vector<Secret> SplitSecrets(const Secret& joined);

}  // namespace connector::app
