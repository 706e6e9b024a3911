#include "quota/memory_ledger.h"

namespace connector::quota {

absl::StatusOr<Slice> MemoryLedger::Report(const SpendReport& report) {
  const Time now = clock_.Now();
  const std::lock_guard lock(mutex_);
  Account& account = accounts_[std::string(report.account)];
  std::erase_if(account.members, [now](const auto& entry) {
    return entry.second.last_report + kLedgerMemberLife <= now;
  });
  Member& member =
      account.members.try_emplace(std::string(report.member), Member{now, now}).first->second;
  member.last_report = now;
  if (report.day > account.day) {
    account.day = report.day;
    account.tokens_spent = 0;
  }
  if (report.day == account.day) account.tokens_spent += report.tokens;
  const auto members = static_cast<int64_t>(account.members.size());
  return Slice{members, members == 1 || member.joined + kLedgerMemberLife <= now,
               account.tokens_spent};
}

}  // namespace connector::quota
