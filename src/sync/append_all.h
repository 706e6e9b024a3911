#pragma once

#include <vector>

#include "absl/status/status.h"
#include "store/inbox.h"

namespace connector::sync {

// Appends entries to the inbox and waits until all are on disk; the first error, if one is not.
absl::Status AppendAll(store::Inbox& inbox, std::vector<store::InboxEntry> entries);

}  // namespace connector::sync
