#pragma once

#include <string>

#include "http/json.h"
#include "model/tree.h"

namespace connector::pipedrive {

// A value of an answer as it is; below the 16th level lists and objects are empty, which keeps what
// is passed on within what a gRPC client takes.
Tree TreeOf(http::JsonValue value, int depth = 0);

// Appends it as JSON.
void AppendTree(std::string& out, const Tree& tree);

}  // namespace connector::pipedrive
