#pragma once

// Persons that share an e-mail address, and merging them in Pipedrive on request.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "http/caller.h"
#include "sync/accounts.h"

namespace connector::sync {

struct DuplicateGroup {
  std::string email;                // in lower case
  std::vector<int64_t> person_ids;  // ascending; the first gives the contact's fields
};

struct DuplicatesPage {
  std::vector<DuplicateGroup> groups;
  int64_t last_key = 0;  // where the next page starts; 0: this is the last
};

// From local tables: persons that share a contact by their chosen address.
absl::StatusOr<DuplicatesPage> ListDuplicates(const Accounts& accounts, int64_t after_key,
                                              int page_size);

struct MergeOutcome {
  std::vector<int64_t> merged;
  std::vector<Failure> failures;
};

// Merges persons into `keep`, one after the other, and folds each merge. INVALID_ARGUMENT naming
// one that shares no address with it, NOT_FOUND if `keep` is not known; errors of an account end
// it, a refused merge is a failure of its person.
absl::StatusOr<MergeOutcome> MergeDuplicates(const Accounts& accounts, int64_t keep,
                                             const std::vector<int64_t>& others,
                                             const http::CallContext& context);

}  // namespace connector::sync
