#pragma once

// The table of leads, inside a transaction.

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/lead.h"
#include "model/lead_facts.h"
#include "model/person.h"
#include "store/leads.h"
#include "store/sql_folds.h"
#include "store/sql_session.h"

namespace connector::store {

// Folds one lead as Leads::FinishLeadsPage says and counts what became of it.
absl::Status FoldLead(SqlSession& session, const Lead& lead, const Folding& folding, bool sees_all,
                      LeadFold& counts);

// Whether the table is whole.
absl::StatusOr<bool> KnowsLeads(SqlHandle& db, int64_t conn);
// Of the person's own leads and those that its organization alone has.
absl::StatusOr<LeadFacts> LeadsOfPerson(SqlHandle& db, int64_t conn, const Person& person);

}  // namespace connector::store
