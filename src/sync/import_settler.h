#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "http/caller.h"
#include "sync/accounts.h"
#include "sync/import_reports.h"
#include "sync/planning.h"
#include "sync/tally.h"

namespace connector::sync {

// Waits for import jobs and books what became of their rows. One thread.
class ImportSettler {
 public:
  // For the jobs of this run, and those that ended runs left open; with "" for those that belong to
  // no run.
  ImportSettler(const Accounts& accounts, store::Store& store, Tally& tally, std::string run_id)
      : accounts_(accounts), store_(store), tally_(tally), run_id_(std::move(run_id)) {}

  // What a crash left behind: a job that had not left, and one of which that is not known, give
  // their contacts back to the dirty queue. Jobs with a process id stay, to be asked for.
  absl::Status Recover();

  // Asks Brevo until every such job has ended; all in one call each time, further and further
  // apart, since the question counts against 100 calls an hour. DEADLINE_EXCEEDED after an hour:
  // the jobs stay open and are asked for by the next run.
  absl::Status Settle(const http::CallContext& context);

  // Jobs whose end was booked.
  int64_t ended_jobs() const { return ended_jobs_; }

  // What only people can mend, e.g. a count of refused rows without their names.
  std::vector<std::string> TakeWarnings() { return std::exchange(warnings_, {}); }

 private:
  absl::StatusOr<std::vector<store::ImportJob>> OpenJobs();
  absl::StatusOr<bool> SettleEnded(const std::vector<store::ImportJob>& jobs,
                                   const http::CallContext& context);
  absl::Status SettleJob(const store::ImportJob& job, const brevo::Process& process,
                         const http::CallContext& context);
  absl::StatusOr<RefusedRows> ReadReports(const brevo::Process& process,
                                          const http::CallContext& context);
  absl::Status AddUnnamed(const store::ImportJob& job, const brevo::Process& process,
                          const http::CallContext& context, RefusedRows& refused);
  absl::Status SettleRows(const store::ImportJob& job, const RefusedRows& refused);
  void Count(const store::ImportRow& row);
  store::Settlement SettleRow(const store::ImportRow& row, ContactState state,
                              const RefusedRows& refused);

  const Accounts& accounts_;
  store::Store& store_;
  Tally& tally_;
  const std::string run_id_;
  int64_t ended_jobs_ = 0;
  std::map<int64_t, int> missed_;  // polls in which a job's process was not listed
  std::vector<std::string> warnings_;
};

}  // namespace connector::sync
