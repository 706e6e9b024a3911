#pragma once

// Where every event comes in, by whichever door: told apart, recognised if it was here before, and
// made durable before anybody is told that it was accepted.

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "metrics/webhook_metrics.h"
#include "model/brevo_change.h"
#include "model/source_event.h"
#include "store/inbox.h"
#include "worker/event_key.h"
#include "worker/event_waiters.h"

namespace connector::worker {

enum class IntakeOutcome { kAccepted, kDuplicate, kIgnored, kApplied };

struct IntakeAnswer {
  IntakeOutcome outcome = IntakeOutcome::kAccepted;
  std::string key;     // by which a repetition is recognised
  std::string detail;  // why it was ignored
};

class Intake {
 public:
  using Decode = std::function<absl::StatusOr<SourceEvent>(std::string_view body)>;
  using DecodeBrevo = std::function<absl::StatusOr<BrevoChanges>(std::string_view body)>;

  // What one connection takes.
  struct Source {
    Decode decode;
    std::set<SourceObject> objects;      // the others are ignored
    std::function<void()> wake;          // called when an event was stored; must not block
    DecodeBrevo decode_brevo{};          // null: what Brevo tells is ignored
    std::function<int64_t()> company{};  // whose events are taken, 0: anybody's; must not block
  };

  struct Submission {
    std::string connection;
    store::EventSource source = store::EventSource::kPipedrive;
    std::string_view door;  // "http", "grpc"; a literal
    std::string body;
    bool wait = false;            // answer when all of it is applied
    std::stop_token abandoned{};  // with `wait`: the caller went away
  };
  // INVALID_ARGUMENT (malformed), NOT_FOUND (no such connection), UNIMPLEMENTED (source),
  // RESOURCE_EXHAUSTED (disk full, too many), UNAVAILABLE (stopping, locked): nothing was stored,
  // unless the text says so, or of a batch not all; and with `wait` those of EventWaiters.
  using Done = std::function<void(absl::StatusOr<IntakeAnswer>)>;

  // All outlive it. The doors must be closed before it is destroyed.
  Intake(std::map<std::string, Source, std::less<>> sources, store::Inbox& inbox, Clock& clock,
         metrics::WebhookMetrics& metrics);
  ~Intake();

  // Does not block; `done` is called once, on any thread, perhaps before this returns, and must not
  // block.
  void Submit(Submission submission, Done done);

  // Has a record read again and its contacts converged whatever its last state; `reason` tells this
  // wish from others about the record. No Brevo event comes of it.
  void Reread(std::string_view connection, SourceObject object, std::string_view id,
              std::string_view reason, store::AppendDone done);

  // When the source last brought something that could be read, since this process started. Any
  // thread.
  std::optional<Time> LastDelivery(std::string_view connection, store::EventSource source) const;

  // Ends every wait, so that the doors can close in time.
  void EndWaits() { waiters_.Stop(); }
  // Refuses what comes now and waits until everything before is answered.
  void Stop();

 private:
  struct Pending;
  class Batch;

  absl::Status Enter();
  void Leave();
  void NoteDelivery(const std::string& connection, store::EventSource source, Time at);
  void Count(const Pending& pending, std::string_view outcome, std::string_view reason);
  void Refuse(const Pending& pending, const absl::Status& status);
  // The event as it is to be stored; nullopt if it is to be ignored, and then answered.
  void Store(Pending pending, const Source& source, SourceEvent event);
  void OnStored(Pending pending, const Source& source,
                const absl::StatusOr<store::Appended>& stored);
  // A delivery of Brevo's: each change is an event of its own.
  void StoreBrevo(Pending pending, const Source& source);

  const std::map<std::string, Source, std::less<>> sources_;
  store::Inbox& inbox_;
  Clock& clock_;
  metrics::WebhookMetrics& metrics_;
  HintKeys hints_;
  EventWaiters waiters_;

  mutable std::mutex mutex_;  // guards what follows
  // Connections are those of sources_, so that this stays small.
  std::map<std::pair<std::string, store::EventSource>, Time, std::less<>> last_deliveries_;
  std::condition_variable left_;
  int64_t inside_ = 0;
  bool stopping_ = false;
};

}  // namespace connector::worker
