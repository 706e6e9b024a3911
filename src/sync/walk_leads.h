#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "sync/accounts.h"
#include "sync/planning.h"
#include "sync/run_session.h"

namespace connector::sync {

// Which leads.
struct LeadsWalk {
  bool full = true;           // all leads; those stored and not found are concluded to be gone
  std::optional<Time> since;  // not full: those changed since
  std::optional<int64_t> filter_id;
  std::vector<std::string> ids;
  bool counts_records = true;  // a run of leads: they are the records it reads

  bool filtered() const { return filter_id || !ids.empty(); }
};

// What a walk that is not filtered has to read so that the table is whole and up to date.
absl::StatusOr<LeadsWalk> UnfilteredLeadsWalk(RunSession& session);

// Reads leads into the table, a page at a time: current ones, then archived ones. At the end of a
// walk that was not filtered the table is whole, and says so. Persons of theirs that nobody has
// brought yet are read, too, once persons have been synced. Costs leads / 500 + 2 calls when all
// are read, 2 when nothing has changed. That a lead was deleted or became a deal, a walk of changed
// ones does not see: webhooks and a full one do.
absl::Status WalkLeads(const Accounts& accounts, const Planning& planning, RunSession& session,
                       const LeadsWalk& walk);

// A lead as it is stored: one of an organization alone concerns nobody where that is switched off.
Lead StoredForm(const Settings& settings, Lead lead);

}  // namespace connector::sync
