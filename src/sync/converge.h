#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "http/caller.h"
#include "sync/accounts.h"
#include "sync/import_queue.h"
#include "sync/person_writer.h"
#include "sync/plan_batch.h"
#include "sync/planning.h"
#include "sync/single_writer.h"
#include "sync/tally.h"

namespace connector::sync {

// CONVERGE: brings dirty contacts in step, by import jobs when many need a write, by single writes
// when few do, by nothing where both sides agree. One thread; several may work side by side since
// contacts are leased.
class Converge {
 public:
  struct Scope {
    store::Store& store;
    std::string owner;       // of the leases
    std::string run_id;      // on whose behalf, and whose marks; "" for what events marked
    bool with_free = false;  // beside the run's marks, those that ended runs left behind
    store::Urgency urgency = store::Urgency::kBulk;  // without a run: which marks
    http::CallContext brevo;
    http::CallContext pipedrive{};  // for what flows back
    RunSession* session = nullptr;  // to be asked between batches whether to go on; may be null
  };

  Converge(const Accounts& accounts, const Planning& planning, Scope scope);

  // Until no contact in scope is due any more and every import job has been settled. Errors concern
  // an account or the process; contacts not written stay dirty.
  absl::Status Drain();

  // Writes up to `limit` contacts in scope, each by itself and none by import, so that nobody waits
  // for a job. How many were found dirty.
  absl::StatusOr<int64_t> WriteSome(int limit);

  // Plans every contact in scope and gives the plans to the run's spool instead of writing.
  absl::Status DryRun();

 private:
  absl::Status WritePass();
  absl::Status WriteBatch(std::vector<PlannedContact> batch, ImportQueue& imports);
  absl::Status Buffer(PlannedContact contact, ImportQueue& imports);
  // Whether the contact has gone back and forth too often; it is then left for later.
  bool Rests(PlannedContact& contact);
  // False if the contact has to be tried later.
  absl::StatusOr<bool> WritePerson(PlannedContact& contact);
  absl::Status WriteSingle(PlannedContact contact);
  // After an error that passes; other errors are given back.
  absl::Status PutOff(store::Settlement later, const absl::Status& error);
  absl::Status WriteBuffered();
  absl::Status SettleDone();
  void Show(const PlannedContact& contact, Road road, std::vector<PlannedChange>& changes) const;
  absl::StatusOr<std::vector<PlannedContact>> NextBatch(int limit, Duration lease);
  // Books losses and skips of a plan; true if nothing is to be written.
  bool BookUnwritten(PlannedContact& contact);
  void Settle(PlannedContact& contact);
  absl::Status CheckGoOn() const;

  const Accounts& accounts_;
  const Planning& planning_;
  const Scope scope_;
  size_t import_threshold_;
  Tally tally_;
  PersonWriter person_writer_;
  SingleWriter single_writer_;
  int64_t after_key_ = 0;
  // Contacts for which it is not decided yet whether an import is worth it: fewer than the
  // threshold.
  std::vector<PlannedContact> buffer_;
  bool importing_ = false;
  int passing_failures_in_a_row_ = 0;
  std::vector<store::Settlement> settled_;
};

}  // namespace connector::sync
