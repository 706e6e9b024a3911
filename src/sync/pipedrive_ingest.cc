#include "sync/pipedrive_ingest.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "pipedrive/webhook_decoder.h"
#include "sync/activity_events.h"
#include "sync/activity_news.h"
#include "sync/deal_news.h"
#include "sync/event_rules.h"
#include "sync/lead_news.h"
#include "sync/missed_events.h"
#include "sync/person_news.h"
#include "sync/walk_activities.h"
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

// Of one organization, that its lead is told to and an event of it is waited for.
constexpr int kMostPersonsOfOrganization = 1000;

// One call of Handle.
class Handling {
 public:
  Handling(const Accounts& accounts, const Planning& planning, const http::CallContext& context)
      : accounts_(accounts),
        planning_(planning),
        context_(context),
        persons_(accounts, planning, context),
        deals_(accounts, context),
        leads_(accounts, context),
        activities_(accounts, context) {}

  absl::StatusOr<store::IngestBatch> Run(const std::vector<store::LeasedEvent>& leased) && {
    const pipedrive::WebhookFields fields = FieldsOf(planning_);
    for (const store::LeasedEvent& event : leased) Note(event, fields);
    CONNECTOR_RETURN_IF_ERROR(deals_.Resolve());
    CONNECTOR_RETURN_IF_ERROR(leads_.Resolve());
    CONNECTOR_RETURN_IF_ERROR(activities_.Resolve());
    for (Noted& noted : events_) {
      if (noted.event.object == SourceObject::kPerson) continue;
      CONNECTOR_RETURN_IF_ERROR(FindPersonsOfOrganization(noted));
      Tell(noted);
    }
    TellReread();
    CONNECTOR_RETURN_IF_ERROR(persons_.Resolve(batch_.failures));
    for (Noted& noted : events_) {
      if (noted.event.object == SourceObject::kPerson) Tell(noted);
    }
    std::move(persons_).MoveTo(batch_);
    if (accounts_.settings.deals) batch_.deals = std::move(deals_).Take();
    if (accounts_.settings.leads) batch_.leads = std::move(leads_).Take();
    CONNECTOR_RETURN_IF_ERROR(AddOrganizations());
    batch_.bulk = std::all_of(leased.begin(), leased.end(),
                              [](const store::LeasedEvent& event) { return event.entry.bulk; });
    return std::move(batch_);
  }

 private:
  struct Noted {
    SourceEvent event;
    size_t settled = 0;  // its place in batch_.settled
    // Of an organization's event, or a lead's that has no person: whom the organization concerns.
    std::vector<int64_t> persons_of_organization = {};
    std::optional<Time> missed_since = {};
  };

  void Note(const store::LeasedEvent& leased, const pipedrive::WebhookFields& fields) {
    batch_.settled.push_back({.id = leased.id, .persons = {}});
    if (leased.entry.source == store::EventSource::kReread) return NoteReread(leased);
    absl::StatusOr<SourceEvent> event = pipedrive::DecodeWebhook(leased.entry.body, fields);
    if (!event.ok()) {
      return Fail(leased, FailureReason::kMalformedRecord, std::string(event.status().message()));
    }
    if (IsForeign(*event)) {
      return Fail(
          leased, FailureReason::kMalformedRecord,
          absl::StrCat("it was not applied: it is of Pipedrive's company ", event->company_id,
                       ", this connection's is ", planning_.schema.account.company_id));
    }
    NoteState(*event);
    events_.push_back({*std::move(event), batch_.settled.size() - 1});
  }

  void Fail(const store::LeasedEvent& leased, FailureReason reason, std::string detail) {
    batch_.failures.push_back({.entity = "event",
                               .entity_id = leased.entry.lane,
                               .reason = reason,
                               .detail = std::move(detail)});
  }

  // Its ids mean other records: somebody subscribed this door in another account.
  bool IsForeign(const SourceEvent& event) const {
    const int64_t ours = planning_.schema.account.company_id;
    return event.company_id != 0 && ours != 0 && event.company_id != ours;
  }

  // A record that this service itself wants to see again.
  void NoteReread(const store::LeasedEvent& leased) {
    const std::string_view lane = leased.entry.lane;
    const size_t slash = lane.find('/');
    if (slash == std::string_view::npos) return;
    const std::string_view object = lane.substr(0, slash);
    if (object == SourceObjectName(SourceObject::kLead) && accounts_.settings.leads) {
      return leads_.ReadAgain(std::string(lane.substr(slash + 1)));
    }
    const auto id = NumberOf(lane.substr(slash + 1));
    if (!id) return;
    if (const std::optional<Time> since = MissedSince(leased.entry)) {
      return NoteMissed(object, *id, *since);
    }
    if (object == SourceObjectName(SourceObject::kPerson)) {
      persons_.ReadAgain(*id);
      batch_.settled.back().persons.push_back(*id);
      batch_.retried_persons.push_back(*id);
    } else if (object == SourceObjectName(SourceObject::kOrganization)) {
      organizations_to_read_.insert(*id);
    } else if (object == SourceObjectName(SourceObject::kDeal)) {
      deals_.ReadAgain(*id);
    } else if (object == SourceObjectName(SourceObject::kActivity)) {
      activities_.ReadAgain(*id);
      reread_activities_.emplace_back(*id, batch_.settled.size() - 1);
    }
  }

  // A record that changed while no webhook told it: told as far as its newest state shows.
  void NoteMissed(std::string_view object, int64_t id, Time since) {
    SourceEvent event;
    event.object = object == SourceObjectName(SourceObject::kDeal) ? SourceObject::kDeal
                                                                   : SourceObject::kPerson;
    event.object_name = object;
    event.id = std::to_string(id);
    event.hint = true;
    NoteState(event);
    events_.push_back(
        {.event = std::move(event), .settled = batch_.settled.size() - 1, .missed_since = since});
  }

  void NoteState(const SourceEvent& event) {
    const std::optional<int64_t> id = NumberOf(event.id);
    if (event.object == SourceObject::kPerson && id) persons_.Note(*id, event);
    if (event.object == SourceObject::kDeal && id && CaresForDeals()) deals_.Note(*id, event);
    if (event.object == SourceObject::kLead) leads_.Note(event);
    if (event.object == SourceObject::kActivity && id) activities_.Note(*id, event);
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
    std::vector<int64_t> persons = PersonsOf(accounts_.settings.event_rules, event);
    const auto& others = noted.persons_of_organization;
    // What an organization itself does is an event of nobody.
    if (event.object == SourceObject::kLead) {
      persons.insert(persons.end(), others.begin(), others.end());
    }
    const size_t composed_before = batch_.events.size();
    if (event.object == SourceObject::kActivity) {
      TellActivity(event);
    } else {
      TellPersons(noted, persons);
    }
    // Its contact must exist for a Brevo event, and for a deal's lists and counts; a deleted deal
    // has none of these.
    const bool composed = batch_.events.size() > composed_before;
    if (event.object != SourceObject::kPerson && (composed || !IsDeletedDeal(event))) {
      for (const int64_t person : persons) persons_.Need(person);
    }
    if (event.object == SourceObject::kOrganization) persons = others;
    if (const Lead* former =
            event.object == SourceObject::kLead ? leads_.Former(event.id) : nullptr;
        former != nullptr && former->person_id) {
      persons.push_back(*former->person_id);
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

  void TellPersons(const Noted& noted, const std::vector<int64_t>& persons) {
    const std::vector<SourceEvent> told = ToldOf(noted);
    for (const int64_t person : persons) {
      for (const SourceEvent& event : told) {
        for (OutboxEvent& composed :
             ComposeEvents(accounts_.settings.event_rules, event, person, planning_.schema)) {
          batch_.events.push_back(std::move(composed));
        }
      }
    }
  }

  void TellActivity(const SourceEvent& event) {
    const EventRules& rules = accounts_.settings.event_rules;
    const auto id = NumberOf(event.id);
    if (!id || !rules.Concern(SourceObject::kActivity)) return;
    batch_.activities.push_back(ToldActivity(rules, planning_.schema, *id, event));
  }

  // So that `wait` waits for their contacts; and they get the events of a lead.
  absl::Status FindPersonsOfOrganization(Noted& noted) {
    std::optional<int64_t> id;
    if (noted.event.object == SourceObject::kOrganization) id = NumberOf(noted.event.id);
    const Lead* lead =
        noted.event.object == SourceObject::kLead ? leads_.Find(noted.event.id) : nullptr;
    if (lead != nullptr && !lead->person_id && accounts_.settings.leads_of_organizations) {
      id = lead->org_id;
    }
    if (!id) return absl::OkStatus();
    CONNECTOR_ASSIGN_OR_RETURN(noted.persons_of_organization,
                               accounts_.store.PersonsOfOrganization(
                                   accounts_.settings.connection, *id, kMostPersonsOfOrganization));
    return absl::OkStatus();
  }

  // Activities that this service itself wanted to see: what of them was not told is told.
  void TellReread() {
    if (!accounts_.settings.event_rules.Concern(SourceObject::kActivity)) return;
    for (const auto& [id, settled] : reread_activities_) {
      const Activity* activity = activities_.Find(id);
      if (activity == nullptr) continue;
      batch_.activities.push_back(SeenActivity(accounts_.settings.event_rules, planning_.schema,
                                               *activity,
                                               MayBeNew(*activity, activities_.told_from())));
      const store::ActivityChange& change = batch_.activities.back();
      for (const auto* events : {&change.if_added, &change.if_changed}) {
        for (const OutboxEvent& event : *events) {
          persons_.Need(event.person_id);
          batch_.settled[settled].persons.push_back(event.person_id);
        }
      }
    }
  }

  static std::vector<SourceEvent> ToldOf(const Noted& noted) {
    if (!noted.missed_since) return {noted.event};
    std::optional<Time> add_time;
    if (const auto* person = std::get_if<Person>(&noted.event.record)) add_time = person->add_time;
    if (const auto* deal = std::get_if<Deal>(&noted.event.record)) add_time = deal->add_time;
    return MissedEvents(noted.event, add_time, *noted.missed_since);
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
    const bool is_lead = event.object == SourceObject::kLead;
    if ((!id && !is_lead) || (!event.hint && event.record.index() != 0)) return;
    std::optional<Time> update_time;
    if (const Lead* lead = is_lead ? leads_.Find(event.id) : nullptr) {
      event.record = *lead;
      update_time = lead->update_time;
    } else if (const Activity* activity =
                   event.object == SourceObject::kActivity ? activities_.Find(*id) : nullptr) {
      event.record = *activity;
      update_time = activity->update_time;
    } else if (const Deal* deal =
                   event.object == SourceObject::kDeal ? deals_.Find(*id) : nullptr) {
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
  LeadNews leads_;
  ActivityNews activities_;
  std::vector<Noted> events_;
  std::vector<std::pair<int64_t, size_t>> reread_activities_;  // each with its place in settled
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
