#pragma once

#include <string>

#include "absl/status/status.h"

namespace connector::store {

// Copies the database at `path`, as it is at one moment, to the new file `to`, also while a service
// works on it; checks the copy, brings it to disk and only then gives it its name. The copy is
// readable by its owner alone: it holds names, addresses and, encrypted, OAuth tokens.
// NOT_FOUND: there is no database. ALREADY_EXISTS: there is a file `to`. Else what SqliteHandle
// says, with what to do.
absl::Status BackUpSqlite(const std::string& path, const std::string& to);

}  // namespace connector::store
