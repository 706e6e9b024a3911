#include "sync/tally.h"

#include <utility>

namespace connector::sync {

Tally::Tally(metrics::SyncMetrics& metrics, std::string connection, RunSession* session)
    : metrics_(metrics),
      connection_(std::move(connection)),
      session_(session),
      progress_(session != nullptr ? session->progress() : no_run_) {}

void Tally::Created() {
  ++progress_.created;
  ++unflushed_[kCreated];
}

void Tally::Updated() {
  ++progress_.updated;
  ++unflushed_[kUpdated];
}

void Tally::Unchanged() {
  ++progress_.unchanged;
  ++unflushed_[kUnchanged];
}

void Tally::Skipped(SkipReason reason, int64_t count) {
  if (count == 0) return;
  progress_.skipped[reason] += count;
  unflushed_[kSkipped] += count;
}

void Tally::Failed(std::string_view entity, std::string entity_id, FailureReason reason,
                   std::string field, std::string detail) {
  ++progress_.failed[reason];
  if (!IsFieldLoss(reason)) ++unflushed_[kFailed];
  metrics_.OnFailure(connection_, FailureReasonName(reason));
  failures_.push_back({.run_id = session_ != nullptr ? session_->run().id : "",
                       .entity = std::string(entity),
                       .entity_id = std::move(entity_id),
                       .reason = reason,
                       .field = std::move(field),
                       .detail = std::move(detail)});
}

std::vector<Failure> Tally::TakeFailures() {
  FlushMetrics();
  return std::exchange(failures_, {});
}

const store::RunUpdate* Tally::Update() {
  if (session_ == nullptr) return nullptr;
  update_ = session_->Update();
  return &update_;
}

void Tally::FlushMetrics() {
  static constexpr std::array<std::string_view, kOutcomes> kNames = {
      "created", "updated", "unchanged", "skipped", "failed"};
  std::string_view kind = "webhook";
  if (session_ != nullptr) {
    kind = session_->run().options.mode == RunMode::kFull ? "full" : "incremental";
  }
  for (size_t i = 0; i < kOutcomes; ++i) {
    if (unflushed_[i] > 0) metrics_.OnRecords(connection_, kind, kNames[i], unflushed_[i]);
  }
  unflushed_ = {};
}

}  // namespace connector::sync
