#include "sync/pipedrive_ingest.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "base/status.h"
#include "pipedrive/webhook_decoder.h"
#include "sync/deal_news.h"
#include "sync/event_rules.h"
#include "sync/person_news.h"
#include "sync/walk_organizations.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

pipedrive::WebhookFields FieldsOf(const Planning& planning) {
  return {.person = pipedrive::WantedFields(PersonSelection(planning)),
          .organization = pipedrive::WantedFields(OrganizationSelection(planning)),
          .deal = pipedrive::WantedFields(pipedrive::Selection{})};
}

std::optional<int64_t> NumberOf(std::string_view text) {
  int64_t id = 0;
  if (!absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &id) || id <= 0) {
    return std::nullopt;
  }
  return id;
}

// One call of Handle.
class Handling {
 public:
  Handling(const Accounts& accounts, const Planning& planning, const http::CallContext& context)
      : accounts_(accounts),
        planning_(planning),
        context_(context),
        persons_(accounts, planning, context),
        deals_(accounts, context) {}

  absl::StatusOr<store::IngestBatch> Run(const std::vector<store::LeasedEvent>& leased) && {
    const pipedrive::WebhookFields fields = FieldsOf(planning_);
    for (const store::LeasedEvent& event : leased) Note(event, fields);
    CONNECTOR_RETURN_IF_ERROR(deals_.Resolve());
    for (Noted& noted : events_) {
      if (noted.event.object != SourceObject::kPerson) Tell(noted);
    }
    CONNECTOR_RETURN_IF_ERROR(persons_.Resolve(batch_.failures));
    for (Noted& noted : events_) {
      if (noted.event.object == SourceObject::kPerson) Tell(noted);
    }
    std::move(persons_).MoveTo(batch_);
    if (accounts_.settings.deals) batch_.deals = std::move(deals_).Take();
    CONNECTOR_RETURN_IF_ERROR(AddOrganizations());
    batch_.bulk = std::all_of(leased.begin(), leased.end(),
                              [](const store::LeasedEvent& event) { return event.entry.bulk; });
    return std::move(batch_);
  }

 private:
  struct Noted {
    SourceEvent event;
    size_t settled = 0;  // its place in batch_.settled
  };

  void Note(const store::LeasedEvent& leased, const pipedrive::WebhookFields& fields) {
    batch_.settled.push_back({.id = leased.id, .persons = {}});
    if (leased.entry.source == store::EventSource::kReread) return NoteReread(leased);
    absl::StatusOr<SourceEvent> event = pipedrive::DecodeWebhook(leased.entry.body, fields);
    if (!event.ok()) {
      batch_.failures.push_back({.entity = "event",
                                 .entity_id = leased.entry.lane,
                                 .reason = FailureReason::kMalformedRecord,
                                 .detail = std::string(event.status().message())});
      return;
    }
    NoteState(*event);
    events_.push_back({*std::move(event), batch_.settled.size() - 1});
  }

  // A record that this service itself wants to see again.
  void NoteReread(const store::LeasedEvent& leased) {
    const std::string_view lane = leased.entry.lane;
    const size_t slash = lane.find('/');
    const auto id =
        slash == std::string_view::npos ? std::nullopt : NumberOf(lane.substr(slash + 1));
    if (!id) return;
    const std::string_view object = lane.substr(0, slash);
    if (object == SourceObjectName(SourceObject::kPerson)) {
      persons_.ReadAgain(*id);
      batch_.settled.back().persons.push_back(*id);
      batch_.retried_persons.push_back(*id);
    } else if (object == SourceObjectName(SourceObject::kOrganization)) {
      organizations_to_read_.insert(*id);
    } else if (object == SourceObjectName(SourceObject::kDeal)) {
      deals_.ReadAgain(*id);
    }
  }

  void NoteState(const SourceEvent& event) {
    const std::optional<int64_t> id = NumberOf(event.id);
    if (event.object == SourceObject::kPerson && id) persons_.Note(*id, event);
    if (event.object == SourceObject::kDeal && id && CaresForDeals()) deals_.Note(*id, event);
    const auto* organization = std::get_if<Organization>(&event.record);
    if (organization == nullptr || !planning_.map.wants_organizations) return;
    Organization folded = *organization;
    folded.is_deleted |= event.action == SourceAction::kDeleted;
    batch_.organizations.push_back(std::move(folded));
  }

  bool CaresForDeals() const {
    return accounts_.settings.deals || accounts_.settings.event_rules.Concern(SourceObject::kDeal);
  }

  // Says whom an event is about, and makes the Brevo events of it.
  void Tell(Noted& noted) {
    SourceEvent& event = noted.event;
    Complete(event);
    store::SettledEvent& settled = batch_.settled[noted.settled];
    std::vector<int64_t> persons = PersonsOf(event);
    const size_t composed_before = batch_.events.size();
    for (const int64_t person : persons) {
      for (OutboxEvent& composed :
           ComposeEvents(accounts_.settings.event_rules, event, person, planning_.schema)) {
        batch_.events.push_back(std::move(composed));
      }
    }
    // Its contact must exist for a Brevo event, and for a deal's lists and counts; a deleted deal
    // has none of these.
    const bool composed = batch_.events.size() > composed_before;
    if (event.object != SourceObject::kPerson && (composed || !IsDeletedDeal(event))) {
      for (const int64_t person : persons) persons_.Need(person);
    }
    if (const auto id = NumberOf(event.id)) {
      if (event.object == SourceObject::kPerson) persons.push_back(*id);
      const auto former =
          event.object == SourceObject::kDeal ? deals_.FormerPerson(*id) : std::nullopt;
      if (former) persons.push_back(*former);
    }
    std::sort(persons.begin(), persons.end());
    persons.erase(std::unique(persons.begin(), persons.end()), persons.end());
    settled.persons = std::move(persons);
  }

  bool IsDeletedDeal(const SourceEvent& event) const {
    const std::optional<int64_t> id = NumberOf(event.id);
    const Deal* deal = event.object == SourceObject::kDeal && id ? deals_.Find(*id) : nullptr;
    return deal != nullptr && deal->is_deleted();
  }

  // An event that told no record, or none that can be trusted, takes over what was read. Its key is
  // then the one a webhook of the same change has.
  void Complete(SourceEvent& event) {
    const std::optional<int64_t> id = NumberOf(event.id);
    if (!id || (!event.hint && event.record.index() != 0)) return;
    std::optional<Time> update_time;
    if (const Deal* deal = event.object == SourceObject::kDeal ? deals_.Find(*id) : nullptr) {
      event.record = *deal;
      update_time = deal->update_time;
    } else if (const Person* person =
                   event.object == SourceObject::kPerson ? persons_.Find(*id) : nullptr) {
      event.record = *person;
      update_time = person->update_time;
    } else {
      event.record = std::monostate{};
    }
    if (!update_time) return;
    event.update_time = update_time;
    event.occurred_at = update_time;
    event.key =
        SourceEventKey(SourceObjectName(event.object), event.id, event.action, *update_time);
  }

  absl::Status AddOrganizations() {
    if (!planning_.map.wants_organizations) return absl::OkStatus();
    std::set<int64_t> wanted;
    for (const store::PersonRow& row : batch_.persons) {
      if (row.person.org_id) wanted.insert(*row.person.org_id);
    }
    for (const Organization& organization : batch_.organizations) wanted.erase(organization.id);
    CONNECTOR_ASSIGN_OR_RETURN(
        const auto unknown, accounts_.store.UnknownOrganizations(accounts_.settings.connection,
                                                                 {wanted.begin(), wanted.end()}));
    organizations_to_read_.insert(unknown.begin(), unknown.end());
    const std::vector<int64_t> ids(organizations_to_read_.begin(), organizations_to_read_.end());
    return ReadByHundreds(ids, [this](std::vector<int64_t> some) -> absl::Status {
      CONNECTOR_ASSIGN_OR_RETURN(
          auto read, ReadOrganizations(accounts_, planning_, std::move(some), context_));
      std::move(read.begin(), read.end(), std::back_inserter(batch_.organizations));
      return absl::OkStatus();
    });
  }

  const Accounts& accounts_;
  const Planning& planning_;
  const http::CallContext& context_;
  PersonNews persons_;
  DealNews deals_;
  std::vector<Noted> events_;
  std::set<int64_t> organizations_to_read_;
  store::IngestBatch batch_;
};

}  // namespace

absl::StatusOr<store::IngestBatch> PipedriveIngest::Handle(
    const std::vector<store::LeasedEvent>& events, const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(const auto planning, plannings_.Get(context));
  return Handling(accounts_, *planning, context).Run(events);
}

}  // namespace connector::sync
