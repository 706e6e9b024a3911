#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "http/caller.h"
#include "sync/accounts.h"
#include "sync/plan_batch.h"
#include "sync/planning.h"

namespace connector::sync {

// Gathers plans into import jobs and sends them: attributes in bodies as large as Brevo takes,
// further memberships in one job a list. Every row is in the store before its job leaves, so that a
// crash finds the contact either still dirty or in a job whose outcome is asked for. The body is
// written from the stored rows when the job leaves: one is in memory at a time. One thread.
class ImportQueue {
 public:
  ImportQueue(const Accounts& accounts, const Planning& planning, store::Store& store,
              std::string run_id);

  // Takes the rows of a contact on Road::kImport; sends a job when its body is full.
  absl::Status Add(const PlannedContact& contact, const http::CallContext& context);
  // Sends what is left.
  absl::Status Finish(const http::CallContext& context);
  int64_t jobs_sent() const { return jobs_sent_; }

 private:
  // A job being built. Its rows reach the store some hundred at a time.
  struct Building {
    int64_t job_id = 0;
    size_t bytes = 0;  // of the body, as far as it can be told before it is written
    std::vector<store::ImportRow> rows;
  };

  absl::Status AddRow(const PlannedContact& contact, ListRow row, const http::CallContext& context);
  absl::StatusOr<Building*> BuildingFor(int64_t list_id);
  absl::Status Flush(Building& building);
  absl::Status Send(int64_t list_id, const http::CallContext& context);

  const Accounts& accounts_;
  const Planning& planning_;
  store::Store& store_;
  const std::string run_id_;
  std::map<int64_t, Building> building_;  // by list
  std::vector<store::Settlement> agreements_;
  int64_t jobs_sent_ = 0;
};

}  // namespace connector::sync
