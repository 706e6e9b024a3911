#include "sync/outbox_sender.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace connector::sync {
namespace {

// What one call of SendEvents takes; so many due at once are a backlog.
constexpr int kBatch = 100;
// A hundred single events take ten seconds; what a killed process was sending is looked up after
// this.
constexpr Duration kLease = std::chrono::minutes(2);
// Batches are counted with the calls of which Brevo allows 100 an hour: where there is no room for
// one, single events (10 a second) go on.
constexpr Duration kWaitForBatch = std::chrono::seconds(2);
// Brevo shows an event some seconds after it took it.
constexpr Duration kFirstLook = std::chrono::seconds(30);
constexpr Duration kBetweenLooks = std::chrono::minutes(2);
constexpr int kLooks = 3;
// Of 1,000 events each; an account that sends more in the window of the parked ones is looked
// through as far as this.
constexpr int kMostPages = 10;

brevo::Event ToBrevo(const store::LeasedOutboxEvent& leased) {
  const ContactState& contact = *leased.contact;
  brevo::Event event;
  event.name = leased.event.name;
  event.occurred_at = leased.event.occurred_at;
  event.contact_id = contact.brevo_id;
  event.email = contact.email;
  event.ext_id = contact.ext_id;
  event.contact_properties = leased.event.contact_properties;
  event.event_properties = leased.event.event_properties;
  return event;
}

Failure FailureOf(const store::LeasedOutboxEvent& leased, FailureReason reason,
                  std::string detail) {
  return {.entity = "event",
          .entity_id = leased.event.key,
          .reason = reason,
          .detail = std::move(detail)};
}

std::vector<int64_t> IdsOf(const std::vector<store::LeasedOutboxEvent>& leased) {
  std::vector<int64_t> ids;
  ids.reserve(leased.size());
  for (const store::LeasedOutboxEvent& event : leased) ids.push_back(event.id);
  return ids;
}

std::vector<std::pair<std::string, Value>> WithoutEmpty(
    std::vector<std::pair<std::string, Value>> properties) {
  std::erase_if(properties, [](const auto& entry) { return IsEmpty(entry.second); });
  std::sort(properties.begin(), properties.end());
  return properties;
}

bool IsSame(const brevo::SeenEvent& seen, const store::LeasedOutboxEvent& sent) {
  // Brevo keeps whole seconds of what it is sent in milliseconds.
  const auto seconds = [](Time time) { return std::chrono::floor<std::chrono::seconds>(time); };
  if (seen.name != sent.event.name || !seen.occurred_at ||
      seconds(*seen.occurred_at) != seconds(sent.event.occurred_at)) {
    return false;
  }
  const int64_t contact = sent.contact ? sent.contact->brevo_id : 0;
  if (contact != 0 && seen.contact_id != 0 && contact != seen.contact_id) return false;
  return seen.event_properties == WithoutEmpty(sent.event.event_properties);
}

}  // namespace

absl::Status OutboxSender::Settle(const store::OutboxSettlement& settlement) {
  return accounts_.store.SettleOutbox(accounts_.settings.connection, owner_, settlement);
}

absl::Status OutboxSender::Release(const Leased& leased, size_t from, Time not_before) {
  store::OutboxSettlement settlement;
  for (size_t i = from; i < leased.size(); ++i) {
    settlement.retries.push_back({leased[i].id, not_before});
  }
  return Settle(settlement);
}

absl::StatusOr<OutboxSender::Leased> OutboxSender::DropHomeless(Leased leased) {
  store::OutboxSettlement settlement;
  Leased kept;
  for (store::LeasedOutboxEvent& event : leased) {
    if (event.contact) {
      kept.push_back(std::move(event));
      continue;
    }
    settlement.done.push_back(event.id);
    settlement.failures.push_back(
        FailureOf(event, FailureReason::kNotFound,
                  absl::StrCat("person ", event.event.person_id, " has no contact in Brevo")));
  }
  if (!settlement.done.empty()) CONNECTOR_RETURN_IF_ERROR(Settle(settlement));
  return kept;
}

absl::StatusOr<bool> OutboxSender::SendSome(const http::CallContext& context) {
  const Time now = accounts_.clock.Now();
  CONNECTOR_ASSIGN_OR_RETURN(
      Leased leased,
      accounts_.store.LeaseOutbox(accounts_.settings.connection, owner_, now, kLease, kBatch));
  const bool backlog = leased.size() == kBatch;
  CONNECTOR_ASSIGN_OR_RETURN(leased, DropHomeless(std::move(leased)));
  if (leased.empty()) return backlog;
  if (!backlog) {
    CONNECTOR_RETURN_IF_ERROR(SendSingly(leased, context));
    return false;
  }
  http::CallContext batch = context;
  batch.patience = kWaitForBatch;
  const absl::Status sent = SendTogether(leased, batch);
  if (!absl::IsResourceExhausted(sent)) {
    CONNECTOR_RETURN_IF_ERROR(sent);
    return true;
  }
  CONNECTOR_RETURN_IF_ERROR(SendSingly(leased, context));
  return true;
}

absl::Status OutboxSender::SendSingly(const Leased& leased, const http::CallContext& context) {
  const std::string& connection = accounts_.settings.connection;
  for (size_t i = 0; i < leased.size(); ++i) {
    if (context.stop.stop_requested()) return Release(leased, i, accounts_.clock.Now());
    CONNECTOR_RETURN_IF_ERROR(accounts_.store.MarkOutboxIntent(connection, owner_, {leased[i].id},
                                                               accounts_.clock.Now()));
    store::OutboxSettlement settlement;
    const absl::Status account =
        Book(leased[i], accounts_.brevo.SendEvent(ToBrevo(leased[i]), context), settlement);
    CONNECTOR_RETURN_IF_ERROR(Settle(settlement));
    if (account.ok()) continue;
    CONNECTOR_RETURN_IF_ERROR(Release(leased, i + 1, accounts_.clock.Now()));
    return account;
  }
  return absl::OkStatus();
}

// RESOURCE_EXHAUSTED: nothing was sent, and the events are as they were.
absl::Status OutboxSender::SendTogether(const Leased& leased, const http::CallContext& context) {
  const std::string& connection = accounts_.settings.connection;
  std::vector<brevo::Event> events;
  events.reserve(leased.size());
  for (const store::LeasedOutboxEvent& event : leased) events.push_back(ToBrevo(event));
  CONNECTOR_RETURN_IF_ERROR(
      accounts_.store.MarkOutboxIntent(connection, owner_, IdsOf(leased), accounts_.clock.Now()));
  const auto outcomes = accounts_.brevo.SendEvents(events, context);
  if (absl::IsResourceExhausted(outcomes.status())) return outcomes.status();
  store::OutboxSettlement settlement;
  absl::Status account;
  size_t handled = 0;
  if (outcomes.ok()) {
    for (const absl::Status& outcome : *outcomes) {
      account.Update(Book(leased[handled++], outcome, settlement));
    }
  } else {
    for (; handled < leased.size(); ++handled) {
      account.Update(Book(leased[handled], outcomes.status(), settlement));
    }
  }
  CONNECTOR_RETURN_IF_ERROR(Settle(settlement));
  if (handled < leased.size()) {
    CONNECTOR_RETURN_IF_ERROR(Release(leased, handled, accounts_.clock.Now()));
  }
  return account;
}

absl::Status OutboxSender::Book(const store::LeasedOutboxEvent& leased, const absl::Status& outcome,
                                store::OutboxSettlement& settlement) {
  const std::string& connection = accounts_.settings.connection;
  if (outcome.ok()) {
    accounts_.metrics.OnBrevoEvent(connection, "sent");
    settlement.done.push_back(leased.id);
    return absl::OkStatus();
  }
  const Time now = accounts_.clock.Now();
  switch (ReactionOf(outcome)) {
    case Reaction::kAmbiguous:
      accounts_.metrics.OnBrevoEvent(connection, "ambiguous");
      settlement.parked.push_back({leased.id, now + kFirstLook});
      return absl::OkStatus();
    case Reaction::kFailRecord:
    case Reaction::kRepair:
    case Reaction::kConflict:
    case Reaction::kGone:
      accounts_.metrics.OnBrevoEvent(connection, "refused");
      settlement.done.push_back(leased.id);
      settlement.failures.push_back(
          FailureOf(leased, FailureReason::kRejectedByBrevo, std::string(outcome.message())));
      return absl::OkStatus();
    case Reaction::kNone:
    case Reaction::kRetry:
    case Reaction::kPauseAccount:
      break;
  }
  settlement.retries.push_back({leased.id, now + RetryAfterOf(outcome).value_or(Duration{})});
  return outcome;
}

absl::StatusOr<bool> OutboxSender::LookUp(const http::CallContext& context) {
  const Time now = accounts_.clock.Now();
  CONNECTOR_ASSIGN_OR_RETURN(
      const Leased parked,
      accounts_.store.LeaseParked(accounts_.settings.connection, owner_, now, kLease, kBatch));
  if (parked.empty()) return false;
  const auto seen = ReadWindow(parked, context);
  store::OutboxSettlement settlement;
  for (const store::LeasedOutboxEvent& event : parked) {
    if (!seen.ok()) {
      settlement.parked.push_back({event.id, now + kBetweenLooks});
    } else if (std::any_of(seen->begin(), seen->end(), [&event](const brevo::SeenEvent& shown) {
                 return IsSame(shown, event);
               })) {
      accounts_.metrics.OnBrevoEvent(accounts_.settings.connection, "found");
      settlement.done.push_back(event.id);
    } else if (event.looks + 1 < kLooks) {
      settlement.parked.push_back({event.id, now + kBetweenLooks});
    } else {
      accounts_.metrics.OnBrevoEvent(accounts_.settings.connection, "sent_again");
      settlement.retries.push_back({event.id, now});
    }
  }
  CONNECTOR_RETURN_IF_ERROR(Settle(settlement));
  CONNECTOR_RETURN_IF_ERROR(seen.status());
  return parked.size() == kBatch;
}

absl::StatusOr<std::vector<brevo::SeenEvent>> OutboxSender::ReadWindow(
    const Leased& parked, const http::CallContext& context) {
  brevo::EventsQuery query;
  query.from = parked.front().event.occurred_at;
  query.until = query.from;
  std::set<std::string> names;
  for (const store::LeasedOutboxEvent& event : parked) {
    query.from = std::min(query.from, event.event.occurred_at - std::chrono::seconds(1));
    query.until = std::max(query.until, event.event.occurred_at + std::chrono::seconds(1));
    names.insert(event.event.name);
  }
  query.names.assign(names.begin(), names.end());
  std::vector<brevo::SeenEvent> seen;
  for (int pages = 0; pages < kMostPages; ++pages) {
    CONNECTOR_ASSIGN_OR_RETURN(auto page, accounts_.brevo.ListEvents(query, context));
    const bool empty = page.events.empty();
    query.offset += static_cast<int64_t>(page.events.size());
    std::move(page.events.begin(), page.events.end(), std::back_inserter(seen));
    if (empty || query.offset >= page.total) break;
  }
  return seen;
}

}  // namespace connector::sync
