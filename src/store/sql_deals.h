#pragma once

// The table of deals, inside a transaction.

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/deal.h"
#include "model/deal_facts.h"
#include "store/sql_folds.h"
#include "store/sql_session.h"
#include "store/store.h"

namespace connector::store {

// Folds one deal as Deals::FinishDealsPage says and counts what became of it. `sees_all`: notes
// that the run saw it.
absl::Status FoldDeal(SqlSession& session, const Deal& deal, const Folding& folding, bool sees_all,
                      DealFold& counts);

// Whether the table is whole.
absl::StatusOr<bool> KnowsDeals(SqlHandle& db, int64_t conn);
// Without one deal, if it is named.
absl::StatusOr<DealFacts> FactsOfPerson(SqlHandle& db, int64_t conn, int64_t person,
                                        int64_t without_deal = 0);

}  // namespace connector::store
