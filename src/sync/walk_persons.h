#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "pipedrive/client.h"
#include "sync/accounts.h"
#include "sync/planning.h"
#include "sync/run_session.h"

namespace connector::sync {

// Which persons, and what is known beside them.
struct PersonsWalk {
  pipedrive::PersonsQuery query;
  // Brevo was read in this run: an unknown address is known not to be there.
  bool contacts_are_known = false;
  // All organizations were read in this run: an unknown one need not be asked for.
  bool organizations_are_known = false;
  // The mapping changed: contacts of unchanged persons are planned again, too.
  bool mark_all = false;
  // Name of the watermark that takes the time of the first page's answer, or "".
  std::string note_time_in;
  // A walk of everything, whose end shows what is gone.
  bool note_seen = false;
};
// Persons that the query selects; those with more ids than a call takes are read by the hundred.
absl::Status WalkPersons(const Accounts& accounts, const Planning& planning, RunSession& session,
                         const PersonsWalk& walk);

// Reads the persons that other records refer to and nobody has brought yet. Those Pipedrive does
// not give (deleted, invisible) stay unknown. Ids in any order.
absl::Status CompletePersons(const Accounts& accounts, const Planning& planning,
                             RunSession& session, std::vector<int64_t> ids);

// The watermark of a connection up to which persons were read.
inline constexpr std::string_view kPersonsSince = "persons.updated_since";

}  // namespace connector::sync
