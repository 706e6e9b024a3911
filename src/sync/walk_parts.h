#pragma once

// What the walks through the accounts share: ingest, a page at a time: fetch, decode, fold, and
// commit rows and cursor together. A walk that was cut off goes on with the page after the last one
// committed.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "pipedrive/client.h"
#include "sync/planning.h"
#include "sync/run_session.h"

namespace connector::sync {

// Vendors' clocks and ours differ, and rows become visible late: what was changed this long before
// the last look is read again.
inline constexpr Duration kOverlap = std::chrono::seconds(60);

// Of one list call by ids, as both versions of Pipedrive's API say.
inline constexpr size_t kIdsPerCall = 100;

// From so many records on, a list call by ids (10 tokens for up to 100) is cheaper than one call
// each (1 token).
inline constexpr size_t kListFrom = 10;

// Calls `read` with at most kIdsPerCall of the ids at a time, until one fails.
template <typename Read>
absl::Status ReadByHundreds(const std::vector<int64_t>& ids, Read&& read) {
  for (size_t begin = 0; begin < ids.size(); begin += kIdsPerCall) {
    const auto first = ids.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto count = static_cast<std::ptrdiff_t>(std::min(kIdsPerCall, ids.size() - begin));
    if (absl::Status done = read(std::vector<int64_t>(first, first + count)); !done.ok()) {
      return done;
    }
  }
  return absl::OkStatus();
}

// Counts a record of a page that could not be read and tells it as a failure.
Failure BookMalformed(RunSession& session, std::string_view entity, std::string id,
                      std::string problem);

// A page's malformed records are booked before the page itself: if the process dies in between they
// are booked twice rather than never.
template <typename Malformed>
absl::Status RecordMalformed(RunSession& session, std::string_view entity,
                             const std::vector<Malformed>& records) {
  if (records.empty()) return absl::OkStatus();
  std::vector<Failure> failures;
  failures.reserve(records.size());
  for (const Malformed& record : records) {
    failures.push_back(BookMalformed(session, entity, record.id, record.problem));
  }
  return session.work().RecordFailures(session.connection(), failures);
}

// What a call for persons or organizations is to bring: what is mapped.
pipedrive::Selection PersonSelection(const Planning& planning);
pipedrive::Selection OrganizationSelection(const Planning& planning);

// A person with the identity it has in Brevo.
store::PersonRow MakePersonRow(const Planning& planning, Person person);

}  // namespace connector::sync
