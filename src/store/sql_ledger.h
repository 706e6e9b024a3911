#pragma once

// quota's ledger in the database that replicas share.

#include <memory>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/secret.h"
#include "quota/ledger.h"
#include "store/sql_database.h"

namespace connector::store {

class SqlLedger final : public quota::Ledger {
 public:
  // `clock` outlives it.
  SqlLedger(std::unique_ptr<SqlDatabase> database, const Clock& clock)
      : database_(std::move(database)), clock_(clock) {}

  absl::StatusOr<quota::Slice> Report(const quota::SpendReport& report) override;

 private:
  const std::unique_ptr<SqlDatabase> database_;
  const Clock& clock_;
};

// With a session of its own, so that a report never waits behind the store's writers of this
// process. Errors as MakePostgresStore.
absl::StatusOr<std::unique_ptr<quota::Ledger>> MakePostgresLedger(const Secret& url,
                                                                  const Clock& clock);

}  // namespace connector::store
