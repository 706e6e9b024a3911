#include "store/sql_ledger.h"

#include <utility>

#include "base/status.h"
#include "store/postgres_database.h"

namespace connector::store {
namespace {

absl::StatusOr<int64_t> Number(SqlQuery query) {
  CONNECTOR_ASSIGN_OR_RETURN(const bool found, query.Next());
  return found ? query.Int(0) : 0;
}

absl::Status RenewMember(SqlHandle& db, const quota::SpendReport& report, Time now) {
  CONNECTOR_RETURN_IF_ERROR(
      db.Execute("DELETE FROM budget_members WHERE account = ? AND reported_at <= ?",
                 report.account, now - quota::kLedgerMemberLife));
  return db.Execute(
      "INSERT INTO budget_members (account, member, joined_at, reported_at) VALUES (?1, ?2, ?3, "
      "?3) "
      "ON CONFLICT (account, member) DO UPDATE SET reported_at = excluded.reported_at",
      report.account, report.member, now);
}

// Only the latest day is kept.
absl::Status AddTokens(SqlHandle& db, const quota::SpendReport& report) {
  CONNECTOR_RETURN_IF_ERROR(db.Execute("DELETE FROM budget_days WHERE account = ? AND day < ?",
                                       report.account, report.day));
  return db.Execute(
      "INSERT INTO budget_days (account, day, tokens) VALUES (?, ?, ?) "
      "ON CONFLICT (account, day) DO UPDATE SET tokens = budget_days.tokens + excluded.tokens",
      report.account, report.day, report.tokens);
}

absl::StatusOr<quota::Slice> HowThingsStand(SqlHandle& db, const quota::SpendReport& report,
                                            Time now) {
  quota::Slice slice;
  CONNECTOR_ASSIGN_OR_RETURN(
      slice.members,
      Number(db.Query("SELECT count(*) FROM budget_members WHERE account = ?", report.account)));
  CONNECTOR_ASSIGN_OR_RETURN(
      const int64_t joined,
      Number(db.Query("SELECT joined_at FROM budget_members WHERE account = ? AND member = ?",
                      report.account, report.member)));
  slice.may_spend = slice.members == 1 || Time(Duration(joined)) + quota::kLedgerMemberLife <= now;
  CONNECTOR_ASSIGN_OR_RETURN(
      slice.tokens_spent,
      Number(db.Query("SELECT tokens FROM budget_days WHERE account = ? AND day = ?",
                      report.account, report.day)));
  return slice;
}

}  // namespace

absl::StatusOr<std::unique_ptr<quota::Ledger>> MakePostgresLedger(const Secret& url,
                                                                  const Clock& clock) {
  CONNECTOR_ASSIGN_OR_RETURN(auto database, PostgresDatabase::Open(url));
  return std::make_unique<SqlLedger>(std::move(database), clock);
}

absl::StatusOr<quota::Slice> SqlLedger::Report(const quota::SpendReport& report) {
  quota::Slice slice;
  const absl::Status done = database_->Write(
      [&](SqlHandle& db) -> absl::Status {
        const Time now = clock_.Now();
        CONNECTOR_RETURN_IF_ERROR(RenewMember(db, report, now));
        CONNECTOR_RETURN_IF_ERROR(AddTokens(db, report));
        CONNECTOR_ASSIGN_OR_RETURN(slice, HowThingsStand(db, report, now));
        return absl::OkStatus();
      },
      WriteTurns::Kind::kPrompt);
  if (!done.ok()) return done;
  return slice;
}

}  // namespace connector::store
