// Intake: what comes from Brevo.

#include <atomic>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "model/wire.h"
#include "worker/intake.h"
#include "worker/intake_pending.h"

namespace connector::worker {
namespace {

// A batch is up to 500 changes of the last five minutes, or what one import did: nobody waits for
// one of so many.
constexpr size_t kBulkFrom = 10;

// What follows from nothing else is not kept.
bool HasConsequences(const BrevoChange& change) {
  return change.kind != BrevoChange::Kind::kOther && change.kind != BrevoChange::Kind::kSoftBounce;
}

}  // namespace

// The changes of one delivery on their way; answers when the last one is stored, or applied.
class Intake::Batch : public std::enable_shared_from_this<Intake::Batch> {
 public:
  Batch(Intake& intake, const Source& source, Pending pending, int unreadable)
      : intake_(intake), source_(source), pending_(std::move(pending)), unreadable_(unreadable) {}

  void Start(std::vector<store::InboxEntry> entries, size_t without_consequences) {
    ignored_ = without_consequences;
    for (size_t i = 0; i < ignored_; ++i) intake_.Count(pending_, "ignored", "unknown_object");
    for (int i = 0; i < unreadable_; ++i) intake_.Count(pending_, "ignored", "malformed");
    if (entries.empty()) return pending_.done(Answer());
    pending_.key = entries.front().key;
    left_ = entries.size();
    for (store::InboxEntry& entry : entries) {
      if (const absl::Status entered = intake_.Enter(); !entered.ok()) {
        OnStored(entry.key, entered);
        continue;
      }
      std::string key = entry.key;
      intake_.inbox_.AppendInbox(
          std::move(entry), [self = shared_from_this(),
                             key = std::move(key)](const absl::StatusOr<store::Appended>& stored) {
            self->OnStored(key, stored);
            self->intake_.Leave();
          });
    }
  }

 private:
  IntakeAnswer Answer() const {
    const IntakeOutcome outcome = accepted_ > 0   ? IntakeOutcome::kAccepted
                                  : repeated_ > 0 ? IntakeOutcome::kDuplicate
                                                  : IntakeOutcome::kIgnored;
    std::string detail;
    const size_t all = accepted_ + repeated_ + ignored_ + static_cast<size_t>(unreadable_);
    if (all > 1) {
      detail = absl::StrCat(accepted_.load(), " accepted, ", repeated_.load(), " repeated, ",
                            ignored_, " ignored, ", unreadable_, " unreadable");
    } else if (outcome == IntakeOutcome::kIgnored) {
      detail = "this version does nothing with such events";
    }
    return {outcome, pending_.key, std::move(detail)};
  }

  void OnStored(const std::string& key, const absl::StatusOr<store::Appended>& stored) {
    if (!stored.ok()) {
      intake_.Count(pending_, "refused", RefusalReason(stored.status()));
      const std::lock_guard lock(mutex_);
      if (refused_.ok()) refused_ = stored.status();
    } else {
      const bool accepted = *stored == store::Appended::kAccepted;
      ++(accepted ? accepted_ : repeated_);
      intake_.Count(pending_, accepted ? "accepted" : "duplicate", "");
      if (pending_.wait) {
        const std::lock_guard lock(mutex_);
        keys_.push_back(key);
      }
    }
    if (--left_ == 0) OnAllStored();
  }

  void OnAllStored() {
    if (accepted_ > 0 && source_.wake) source_.wake();
    if (!refused_.ok()) return pending_.done(refused_);
    intake_.metrics_.OnStored(pending_.door,
                              intake_.clock_.ToReal(intake_.clock_.Now() - pending_.arrived));
    if (!pending_.wait) return pending_.done(Answer());
    left_ = keys_.size();
    for (const std::string& key : keys_) {
      intake_.waiters_.Add(
          pending_.connection, key, pending_.abandoned,
          [self = shared_from_this()](const absl::Status& applied) { self->OnApplied(applied); });
    }
  }

  void OnApplied(const absl::Status& applied) {
    if (!applied.ok()) {
      const std::lock_guard lock(mutex_);
      if (refused_.ok()) refused_ = applied;
    }
    if (--left_ > 0) return;
    if (!refused_.ok()) return pending_.done(refused_);
    pending_.done(IntakeAnswer{IntakeOutcome::kApplied, pending_.key, ""});
  }

  Intake& intake_;
  const Source& source_;
  Pending pending_;
  const int unreadable_;
  size_t ignored_ = 0;
  std::atomic<size_t> accepted_ = 0;
  std::atomic<size_t> repeated_ = 0;
  std::atomic<size_t> left_ = 0;
  std::mutex mutex_;  // guards what follows
  absl::Status refused_;
  std::vector<std::string> keys_;
};

void Intake::StoreBrevo(Pending pending, const Source& source) {
  if (!source.decode_brevo) {
    Count(pending, "ignored", "not_configured");
    return pending.done(
        IntakeAnswer{IntakeOutcome::kIgnored, "", "persons are not synced: nothing follows"});
  }
  absl::StatusOr<BrevoChanges> told = source.decode_brevo(pending.body);
  if (!told.ok()) return Refuse(pending, told.status());
  NoteDelivery(pending.connection, store::EventSource::kBrevo, pending.arrived);
  std::vector<store::InboxEntry> entries;
  for (const BrevoChange& change : told->changes) {
    if (!HasConsequences(change)) continue;
    store::InboxEntry& entry = entries.emplace_back();
    entry.connection = pending.connection;
    entry.source = store::EventSource::kBrevo;
    entry.key = BrevoKey(change, pending.arrived);
    entry.lane = absl::StrCat("contact/", AsciiLower(change.email));
    entry.received_at = pending.arrived;
    entry.bulk = told->changes.size() >= kBulkFrom;
    entry.body = Encode(change);
  }
  pending.body.clear();
  const size_t ignored = told->changes.size() - entries.size();
  std::make_shared<Batch>(*this, source, std::move(pending), told->unreadable)
      ->Start(std::move(entries), ignored);
}

}  // namespace connector::worker
