#include "sync/leads_run.h"

#include "base/status.h"
#include "sync/record_run.h"
#include "sync/walk_leads.h"

namespace connector::sync {
namespace {

absl::Status Read(const Accounts& accounts, const Planning& planning, RunSession& session) {
  const RunOptions& options = session.run().options;
  CONNECTOR_ASSIGN_OR_RETURN(LeadsWalk walk, UnfilteredLeadsWalk(session));
  if (options.filtered()) {
    walk = {.full = false, .since = {}, .filter_id = options.filter_id, .ids = options.names};
  } else if (options.mode == RunMode::kFull) {
    walk = {};
  }
  session.progress().full = walk.full;
  return WalkLeads(accounts, planning, session, walk);
}

}  // namespace

absl::Status RunLeads(const Accounts& accounts, RunSession& session) {
  return RunRecords(accounts, session, Read);
}

}  // namespace connector::sync
