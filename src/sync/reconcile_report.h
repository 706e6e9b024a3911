#pragma once

// How both sides stand, as a whole and for each list: counts, and examples of every difference.
// From local tables alone, a page of contacts at a time.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "sync/accounts.h"

namespace connector::sync {

enum class DifferenceKind {
  kMissing,         // should be there and isn't
  kSurplus,         // is there without a reason, and the connector put it there
  kForeign,         // is there by somebody else's hand
  kWithheld,        // is kept off on purpose
  kDifferentValue,  // is on both sides, and the next sync would change a value
};

struct DifferenceExample {
  int64_t person_id = 0;  // 0: no person is bound
  std::string email;
  std::string detail;  // which value, or which reason
};

struct Difference {
  DifferenceKind kind = DifferenceKind::kMissing;
  int64_t count = 0;
  std::vector<DifferenceExample> examples;  // the first ones
};

// One population on both sides. actual = wanted - missing - withheld + surplus + foreign, always.
struct ReportPart {
  int64_t list_id = 0;  // 0: persons and contacts as a whole
  std::string list_name;
  int64_t wanted = 0;
  int64_t actual = 0;                   // as Brevo was last seen
  std::vector<Difference> differences;  // those that there are, by kind
};

struct ReportQuestion {
  int max_examples = 10;          // of each difference
  std::vector<int64_t> list_ids;  // of configured lists; empty: all of them
};

// The whole comes first, then the lists by id. A contact that several persons share is one. Blocks;
// `go_on` is asked between pages, and its error ends the work. INVALID_ARGUMENT names a list that
// isn't configured, FAILED_PRECONDITION as StoredPlanning.
absl::StatusOr<std::vector<ReportPart>> MakeReport(const Accounts& accounts,
                                                   const ReportQuestion& question,
                                                   const std::function<absl::Status()>& go_on);

}  // namespace connector::sync
