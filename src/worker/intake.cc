#include "worker/intake.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "worker/intake_pending.h"

namespace connector::worker {
namespace {

// The switch that has such changes taken in; "" if none has.
std::string_view SwitchOf(SourceObject object) {
  switch (object) {
    case SourceObject::kPerson:
      return "persons";
    case SourceObject::kDeal:
    case SourceObject::kPipeline:
    case SourceObject::kStage:
      return "deals";
    case SourceObject::kOrganization:
      return "organizations";
    case SourceObject::kActivity:
      return "activities";
    case SourceObject::kLead:
      return "leads";
    default:
      return "";
  }
}

constexpr char kOtherCompany[] = "other_company";

// Why the event is of no use, nullptr if it is of some.
const char* WhyNot(const Intake::Source& source, const SourceEvent& event) {
  const int64_t ours = source.company ? source.company() : 0;
  if (ours != 0 && event.company_id != 0 && event.company_id != ours) return kOtherCompany;
  if (source.objects.contains(event.object)) return nullptr;
  return event.object == SourceObject::kOther ? "unknown_object" : "not_configured";
}

std::string WhyIgnored(const SourceEvent& event, std::string_view reason) {
  if (reason == kOtherCompany) {
    return absl::StrCat("it is of Pipedrive's company ", event.company_id,
                        ", and this connection's account is another's");
  }
  if (event.object == SourceObject::kOther) {
    return "this version does nothing with such records or actions";
  }
  const std::string_view name = SourceObjectName(event.object);
  const std::string_view key = SwitchOf(event.object);
  if (key.empty()) return absl::StrCat("nothing follows from a change of a ", ToAbsl(name));
  return absl::StrCat("nothing is configured to follow from a change of a ", ToAbsl(name),
                      ": connectors.pipedrive.sync.", ToAbsl(key),
                      key == "persons" ? "" : ", or connectors.pipedrive.sync.persons,",
                      " is false");
}

}  // namespace

std::string_view RefusalReason(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return "malformed";
    case absl::StatusCode::kNotFound:
      return "unknown_connection";
    case absl::StatusCode::kUnimplemented:
      return "unsupported";
    case absl::StatusCode::kResourceExhausted:
      return "no_room";
    default:
      return "store_unavailable";
  }
}

Intake::Intake(std::map<std::string, Source, std::less<>> sources, store::Inbox& inbox,
               Clock& clock, metrics::WebhookMetrics& metrics)
    : sources_(std::move(sources)),
      inbox_(inbox),
      clock_(clock),
      metrics_(metrics),
      waiters_({}, inbox, clock) {}

Intake::~Intake() { Stop(); }

absl::Status Intake::Enter() {
  const std::lock_guard lock(mutex_);
  if (stopping_) return absl::UnavailableError("the service is stopping; send it again");
  ++inside_;
  return absl::OkStatus();
}

void Intake::Leave() {
  const std::lock_guard lock(mutex_);
  if (--inside_ == 0) left_.notify_all();
}

void Intake::NoteDelivery(const std::string& connection, store::EventSource source, Time at) {
  const std::lock_guard lock(mutex_);
  Time& last = last_deliveries_[{connection, source}];
  last = std::max(last, at);
}

std::optional<Time> Intake::LastDelivery(std::string_view connection,
                                         store::EventSource source) const {
  const std::lock_guard lock(mutex_);
  const auto found = last_deliveries_.find(std::pair(std::string(connection), source));
  return found == last_deliveries_.end() ? std::nullopt : std::optional(found->second);
}

void Intake::Stop() {
  waiters_.Stop();
  std::unique_lock lock(mutex_);
  stopping_ = true;
  left_.wait(lock, [this] { return inside_ == 0; });
}

void Intake::Count(const Pending& pending, std::string_view outcome, std::string_view reason) {
  metrics_.OnWebhook(pending.connection, pending.door, outcome, reason);
}

void Intake::Refuse(const Pending& pending, const absl::Status& status) {
  Count(pending, "refused", RefusalReason(status));
  pending.done(status);
}

void Intake::Submit(Submission submission, Done done) {
  Pending pending{.connection = std::move(submission.connection),
                  .door = submission.door,
                  .wait = submission.wait,
                  .abandoned = std::move(submission.abandoned),
                  .key = {},
                  .body = std::move(submission.body),
                  .arrived = clock_.Now(),
                  .done = std::move(done)};
  const auto source = sources_.find(pending.connection);
  if (source == sources_.end()) {
    const std::string unknown = std::exchange(pending.connection, "");
    return Refuse(pending,
                  absl::NotFoundError(absl::StrCat("no connection named '", unknown, "'")));
  }
  if (submission.source == store::EventSource::kBrevo) {
    return StoreBrevo(std::move(pending), source->second);
  }
  absl::StatusOr<SourceEvent> event = source->second.decode(pending.body);
  if (!event.ok()) return Refuse(pending, event.status());
  NoteDelivery(pending.connection, submission.source, pending.arrived);
  Store(std::move(pending), source->second, *std::move(event));
}

void Intake::Store(Pending pending, const Source& source, SourceEvent event) {
  pending.key = EventKey(event, pending.body);
  if (const char* reason = WhyNot(source, event)) {
    Count(pending, "ignored", reason);
    return pending.done(
        IntakeAnswer{IntakeOutcome::kIgnored, pending.key, WhyIgnored(event, reason)});
  }
  if (pending.key.empty()) pending.key = hints_.KeyOf(event, pending.body, pending.arrived);
  if (const absl::Status entered = Enter(); !entered.ok()) return Refuse(pending, entered);
  store::InboxEntry entry{.connection = pending.connection,
                          .source = store::EventSource::kPipedrive,
                          .key = pending.key,
                          .lane = EventLane(event),
                          .received_at = pending.arrived,
                          .bulk = event.bulk,
                          .body = std::move(pending.body)};
  inbox_.AppendInbox(std::move(entry), [this, &source, pending = std::move(pending)](
                                           const absl::StatusOr<store::Appended>& stored) mutable {
    OnStored(std::move(pending), source, stored);
    Leave();
  });
}

void Intake::OnStored(Pending pending, const Source& source,
                      const absl::StatusOr<store::Appended>& stored) {
  if (!stored.ok()) return Refuse(pending, stored.status());
  metrics_.OnStored(pending.door, clock_.ToReal(clock_.Now() - pending.arrived));
  const bool accepted = *stored == store::Appended::kAccepted;
  Count(pending, accepted ? "accepted" : "duplicate", "");
  if (accepted && source.wake) source.wake();
  if (!pending.wait) {
    return pending.done(IntakeAnswer{
        accepted ? IntakeOutcome::kAccepted : IntakeOutcome::kDuplicate, pending.key, ""});
  }
  waiters_.Add(std::move(pending.connection), pending.key, std::move(pending.abandoned),
               [key = pending.key, done = std::move(pending.done)](const absl::Status& applied) {
                 if (!applied.ok()) return done(applied);
                 done(IntakeAnswer{IntakeOutcome::kApplied, key, ""});
               });
}

void Intake::Reread(std::string_view connection, SourceObject object, std::string_view id,
                    std::string_view reason, store::AppendDone done) {
  const auto source = sources_.find(connection);
  if (source == sources_.end()) {
    return done(
        absl::NotFoundError(absl::StrCat("no connection named '", ToAbsl(connection), "'")));
  }
  if (const absl::Status entered = Enter(); !entered.ok()) return done(entered);
  store::InboxEntry entry;
  entry.connection = connection;
  entry.source = store::EventSource::kReread;
  entry.lane = absl::StrCat(ToAbsl(SourceObjectName(object)), "/", ToAbsl(id));
  entry.key = absl::StrCat(entry.lane, "/reread/", ToAbsl(reason));
  entry.received_at = clock_.Now();
  inbox_.AppendInbox(std::move(entry), [this, &wake = source->second.wake, done = std::move(done)](
                                           const absl::StatusOr<store::Appended>& stored) {
    if (stored.ok() && wake) wake();
    done(stored);
    Leave();
  });
}

}  // namespace connector::worker
