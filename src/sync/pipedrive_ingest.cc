#include "sync/pipedrive_ingest.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "pipedrive/webhook_decoder.h"
#include "sync/event_rules.h"
#include "sync/walk_organizations.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

// From so many on, a list call by ids (10 tokens for up to 100) is cheaper than one call each (1
// token).
constexpr size_t kListFrom = 10;

pipedrive::WebhookFields FieldsOf(const Planning& planning) {
  return {.person = pipedrive::WantedFields(PersonSelection(planning)),
          .organization = pipedrive::WantedFields(OrganizationSelection(planning)),
          .deal = pipedrive::WantedFields(pipedrive::Selection{})};
}

// What a webhook leaves out of a person, where the mapping asks for it.
bool LacksSomething(const Planning& planning, const Person& person) {
  if (!person.update_time) return true;
  if (planning.map.wants_deal_counts && !person.won_deals_count) return true;
  return std::any_of(planning.map.fields.begin(), planning.map.fields.end(),
                     [&person](const mapping::ResolvedField& field) {
                       return field.source == mapping::SourceKind::kMarketingStatus &&
                              !person.marketing_status;
                     });
}

// One call of Handle.
class Handling {
 public:
  Handling(const Accounts& accounts, const Planning& planning, const http::CallContext& context)
      : accounts_(accounts), planning_(planning), context_(context) {}

  absl::StatusOr<store::IngestBatch> Run(const std::vector<store::LeasedEvent>& events) && {
    const pipedrive::WebhookFields fields = FieldsOf(planning_);
    for (const store::LeasedEvent& event : events) Note(event, fields);
    CONNECTOR_RETURN_IF_ERROR(ReadDeals());
    CONNECTOR_RETURN_IF_ERROR(FindDoubtful());
    CONNECTOR_RETURN_IF_ERROR(ReadAgain());
    FoldPersons();
    CONNECTOR_RETURN_IF_ERROR(AddOrganizations());
    batch_.bulk = std::all_of(events.begin(), events.end(),
                              [](const store::LeasedEvent& event) { return event.entry.bulk; });
    return std::move(batch_);
  }

 private:
  // The newest that the events tell of one person.
  struct News {
    std::optional<Person> person;
    std::optional<Time> occurred_at;
    bool read_again = false;
  };

  // A record that this service itself wants to see again.
  void NoteReread(const store::LeasedEvent& leased) {
    const std::string& lane = leased.entry.lane;
    const size_t slash = lane.find('/');
    const std::string object = lane.substr(0, slash);
    store::SettledEvent settled{.id = leased.id, .persons = {}};
    int64_t id = 0;
    if (slash != std::string::npos && absl::SimpleAtoi(lane.substr(slash + 1), &id) && id > 0) {
      if (object == SourceObjectName(SourceObject::kPerson)) {
        news_[id].read_again = true;
        settled.persons.push_back(id);
        batch_.retried_persons.push_back(id);
      } else if (object == SourceObjectName(SourceObject::kOrganization)) {
        reread_organizations_.insert(id);
      }
    }
    batch_.settled.push_back(std::move(settled));
  }

  void Note(const store::LeasedEvent& leased, const pipedrive::WebhookFields& fields) {
    if (leased.entry.source == store::EventSource::kReread) return NoteReread(leased);
    absl::StatusOr<SourceEvent> event = pipedrive::DecodeWebhook(leased.entry.body, fields);
    store::SettledEvent settled{.id = leased.id, .persons = {}};
    if (event.ok()) {
      NoteState(*event, settled);
      NoteEvents(*event, settled);
    } else {
      batch_.failures.push_back({.entity = "event",
                                 .entity_id = leased.entry.lane,
                                 .reason = FailureReason::kMalformedRecord,
                                 .detail = std::string(event.status().message())});
    }
    batch_.settled.push_back(std::move(settled));
  }

  // The newest that the events tell of one deal.
  struct DealNews {
    std::optional<Deal> deal;
    std::optional<Time> occurred_at;
    bool read_again = false;
    std::vector<size_t> events;  // that tell of it, by their place in the batch
  };

  void NoteState(SourceEvent& event, store::SettledEvent& settled) {
    if (event.object == SourceObject::kPerson) return NotePerson(event, settled);
    if (event.object == SourceObject::kDeal) return NoteDeal(event);
    if (const auto* organization = std::get_if<Organization>(&event.record);
        organization != nullptr && planning_.map.wants_organizations) {
      Organization folded = *organization;
      folded.is_deleted |= event.action == SourceAction::kDeleted;
      batch_.organizations.push_back(std::move(folded));
    }
  }

  void NotePerson(const SourceEvent& event, store::SettledEvent& settled) {
    int64_t id = 0;
    if (!absl::SimpleAtoi(event.id, &id) || id <= 0) return;
    settled.persons.push_back(id);
    News& news = news_[id];
    if (event.merged_to) merges_.push_back({.from = id, .to = *event.merged_to});
    if (event.merged_from) merges_.push_back({.from = *event.merged_from, .to = id});
    const auto* person = std::get_if<Person>(&event.record);
    if (event.hint || event.action == SourceAction::kDeleted || person == nullptr ||
        LacksSomething(planning_, *person)) {
      news.read_again = true;
    } else if (!news.person || std::tie(news.person->update_time, news.occurred_at) <=
                                   std::tie(person->update_time, event.occurred_at)) {
      news.person = *person;
      news.occurred_at = event.occurred_at;
    }
  }

  void NoteDeal(const SourceEvent& event) {
    int64_t id = 0;
    if (!planning_.map.deals_from_table || !absl::SimpleAtoi(event.id, &id) || id <= 0) return;
    DealNews& news = deals_[id];
    news.events.push_back(batch_.settled.size());
    const auto* deal = std::get_if<Deal>(&event.record);
    if (event.hint || event.action == SourceAction::kDeleted || deal == nullptr ||
        !deal->update_time) {
      news.read_again = true;
    } else if (!news.deal || std::tie(news.deal->update_time, news.occurred_at) <=
                                 std::tie(deal->update_time, event.occurred_at)) {
      news.deal = *deal;
      news.occurred_at = event.occurred_at;
    }
  }

  // Folds the deals, and makes sure that the persons whose contacts they concern are there.
  absl::Status ReadDeals() {
    for (auto& [id, news] : deals_) {
      CONNECTOR_ASSIGN_OR_RETURN(std::optional<Deal> known,
                                 accounts_.store.FindDeal(accounts_.settings.connection, id));
      // Times are whole seconds: of two states of one second it is not known which is newer.
      news.read_again |= known && news.deal && known->update_time == news.deal->update_time;
      if (known && known->person_id) Concerns(news, *known->person_id);
      if (news.read_again) CONNECTOR_RETURN_IF_ERROR(ReadDeal(id, std::move(known), news));
      if (!news.deal) continue;
      if (news.deal->person_id) {
        Concerns(news, *news.deal->person_id);
        if (!news.deal->is_deleted()) addressed_.insert(*news.deal->person_id);
      }
      batch_.deals.push_back(*std::move(news.deal));
    }
    return absl::OkStatus();
  }

  void Concerns(const DealNews& news, int64_t person) {
    for (const size_t event : news.events) batch_.settled[event].persons.push_back(person);
  }

  // One token each; what Pipedrive no longer knows is deleted.
  absl::Status ReadDeal(int64_t id, std::optional<Deal> known, DealNews& news) {
    absl::StatusOr<Deal> deal = accounts_.pipedrive.GetDeal(id, context_);
    if (deal.ok()) {
      news.deal = *std::move(deal);
    } else if (!absl::IsNotFound(deal.status())) {
      return deal.status();
    } else {
      news.deal = std::move(known);
      if (news.deal) news.deal->status = DealStatus::kDeleted;
    }
    return absl::OkStatus();
  }

  void NoteEvents(const SourceEvent& event, store::SettledEvent& settled) {
    const EventRules& rules = accounts_.settings.event_rules;
    if (!rules.Concern(event.object)) return;
    for (const int64_t person : PersonsOf(event)) {
      for (OutboxEvent& composed : ComposeEvents(rules, event, person, planning_.schema)) {
        batch_.events.push_back(std::move(composed));
        settled.persons.push_back(person);
        addressed_.insert(person);
      }
    }
  }

  // Persons that are to be read though a payload tells their state, or though none speaks of them.
  absl::Status FindDoubtful() {
    for (const store::MergedPersons& merge : merges_) {
      news_[merge.from].read_again = true;
      news_[merge.to].read_again = true;
    }
    std::vector<int64_t> ids(addressed_.begin(), addressed_.end());
    for (const auto& [id, news] : news_) ids.push_back(id);
    CONNECTOR_ASSIGN_OR_RETURN(const auto stored,
                               accounts_.store.PersonVersions(accounts_.settings.connection, ids));
    std::map<int64_t, std::optional<Time>> known;
    for (const store::PersonVersion& version : stored) known[version.id] = version.update_time;
    // An event about a person nobody has seen needs its contact first.
    for (const int64_t id : addressed_) {
      if (!known.contains(id) && !news_[id].person) news_[id].read_again = true;
    }
    // Times are whole seconds: of two states of one second it is not known which is newer.
    for (auto& [id, news] : news_) {
      const auto found = known.find(id);
      if (found == known.end() || !news.person || !found->second) continue;
      news.read_again |= news.person->update_time == found->second;
    }
    return absl::OkStatus();
  }

  absl::Status ReadAgain() {
    std::vector<int64_t> ids;
    for (const auto& [id, news] : news_) {
      if (news.read_again) ids.push_back(id);
    }
    const size_t at_once = ids.size() < kListFrom ? 1 : kIdsPerCall;
    std::vector<int64_t> missing;
    for (size_t begin = 0; begin < ids.size(); begin += at_once) {
      const auto first = ids.begin() + static_cast<std::ptrdiff_t>(begin);
      const size_t count = std::min(at_once, ids.size() - begin);
      CONNECTOR_RETURN_IF_ERROR(Read({first, first + static_cast<std::ptrdiff_t>(count)}, missing));
    }
    // A list leaves out without a word what is deleted and what may not be seen.
    for (const int64_t id : std::exchange(missing, {})) {
      if (at_once > 1) CONNECTOR_RETURN_IF_ERROR(Read({id}, missing));
      if (at_once == 1 || !missing.empty()) gone_.insert(id);
      missing.clear();
    }
    return absl::OkStatus();
  }

  absl::Status Read(std::vector<int64_t> ids, std::vector<int64_t>& missing) {
    pipedrive::PersonsQuery query;
    query.selection = PersonSelection(planning_);
    query.ids = std::move(ids);
    CONNECTOR_ASSIGN_OR_RETURN(const auto page,
                               accounts_.pipedrive.ListPersons(query, "", context_));
    std::set<int64_t> left(query.ids.begin(), query.ids.end());
    for (const Person& person : page.records) {
      left.erase(person.id);
      if (person.is_deleted) gone_.insert(person.id);
      news_[person.id].person = person;
    }
    for (const pipedrive::MalformedRecord& record : page.malformed) {
      int64_t id = 0;
      if (absl::SimpleAtoi(record.id, &id)) left.erase(id);
      batch_.failures.push_back({.entity = "person",
                                 .entity_id = record.id,
                                 .reason = FailureReason::kMalformedRecord,
                                 .detail = record.problem});
    }
    missing.insert(missing.end(), left.begin(), left.end());
    return absl::OkStatus();
  }

  void FoldPersons() {
    for (const store::MergedPersons& merge : merges_) {
      // A person that is still there was not merged, whatever the event says.
      if (gone_.contains(merge.from) && !gone_.contains(merge.to)) {
        batch_.merges.push_back(merge);
        gone_.erase(merge.from);
        news_.erase(merge.from);
      }
    }
    batch_.gone_persons.assign(gone_.begin(), gone_.end());
    for (auto& [id, news] : news_) {
      if (!news.person || gone_.contains(id)) continue;
      batch_.persons.push_back(MakePersonRow(planning_, *std::move(news.person)));
    }
  }

  absl::Status AddOrganizations() {
    if (!planning_.map.wants_organizations) return absl::OkStatus();
    std::set<int64_t> wanted;
    for (const store::PersonRow& row : batch_.persons) {
      if (row.person.org_id) wanted.insert(*row.person.org_id);
    }
    for (const Organization& organization : batch_.organizations) wanted.erase(organization.id);
    CONNECTOR_ASSIGN_OR_RETURN(std::vector<int64_t> unknown,
                               accounts_.store.UnknownOrganizations(
                                   accounts_.settings.connection, {wanted.begin(), wanted.end()}));
    for (const int64_t id : unknown) reread_organizations_.insert(id);
    unknown.assign(reread_organizations_.begin(), reread_organizations_.end());
    for (size_t begin = 0; begin < unknown.size(); begin += kIdsPerCall) {
      const auto first = unknown.begin() + static_cast<std::ptrdiff_t>(begin);
      const size_t count = std::min(kIdsPerCall, unknown.size() - begin);
      CONNECTOR_ASSIGN_OR_RETURN(
          auto read,
          ReadOrganizations(accounts_, planning_,
                            {first, first + static_cast<std::ptrdiff_t>(count)}, context_));
      std::move(read.begin(), read.end(), std::back_inserter(batch_.organizations));
    }
    return absl::OkStatus();
  }

  const Accounts& accounts_;
  const Planning& planning_;
  const http::CallContext& context_;
  store::IngestBatch batch_;
  std::map<int64_t, News> news_;
  std::map<int64_t, DealNews> deals_;
  std::vector<store::MergedPersons> merges_;
  std::set<int64_t> addressed_;  // persons that Brevo events are about
  std::set<int64_t> gone_;       // confirmed to be deleted
  std::set<int64_t> reread_organizations_;
};

}  // namespace

absl::StatusOr<store::IngestBatch> PipedriveIngest::Handle(
    const std::vector<store::LeasedEvent>& events, const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(const auto planning, plannings_.Get(context));
  return Handling(accounts_, *planning, context).Run(events);
}

}  // namespace connector::sync
