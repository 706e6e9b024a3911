#include "sync/person_news.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "base/status.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

// What a webhook leaves out of a person, where the mapping asks for it.
bool LacksSomething(const Planning& planning, const Person& person) {
  if (!person.update_time) return true;
  if (planning.map.wants_deal_counts && !person.won_deals_count) return true;
  return planning.wants_marketing_status && !person.marketing_status;
}

// What both a webhook and an answer tell.
Person WithoutExtras(Person person) {
  person.marketing_status.reset();
  person.won_deals_count.reset();
  person.lost_deals_count.reset();
  person.open_deals_count.reset();
  person.closed_deals_count.reset();
  person.add_time.reset();
  person.label_ids.clear();
  return person;
}

}  // namespace

void PersonNews::Note(int64_t id, const SourceEvent& event) {
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
    const int64_t user = planning_.schema.account.user_id;
    news.is_own = user != 0 && event.user_id == user && event.change_source == "api";
  }
}

absl::Status PersonNews::FindDoubtful() {
  for (const store::MergedPersons& merge : merges_) {
    news_[merge.from].read_again = true;
    news_[merge.to].read_again = true;
  }
  std::vector<int64_t> ids(needed_.begin(), needed_.end());
  for (const auto& [id, news] : news_) ids.push_back(id);
  CONNECTOR_ASSIGN_OR_RETURN(const auto stored,
                             accounts_.store.PersonVersions(accounts_.settings.connection, ids));
  std::map<int64_t, std::optional<Time>> known;
  for (const store::PersonVersion& version : stored) known[version.id] = version.update_time;
  for (const int64_t id : needed_) {
    if (!known.contains(id) && !news_[id].person) news_[id].read_again = true;
  }
  for (auto& [id, news] : news_) {
    const auto found = known.find(id);
    if (found == known.end() || !news.person || !found->second) continue;
    if (news.read_again || news.person->update_time != found->second) continue;
    CONNECTOR_ASSIGN_OR_RETURN(const bool own, IsOwnWrite(id, news));
    news.read_again = !own;
  }
  return absl::OkStatus();
}

// Any client with the same credential looks like this service: the content decides.
absl::StatusOr<bool> PersonNews::IsOwnWrite(int64_t id, News& news) {
  if (!news.is_own) return false;
  CONNECTOR_ASSIGN_OR_RETURN(const auto stored,
                             accounts_.store.FindPerson(accounts_.settings.connection, id));
  if (!stored) return false;
  if (WithoutExtras(stored->person) != WithoutExtras(*news.person)) return false;
  news.person = stored->person;
  accounts_.metrics.OnOwnWrite(accounts_.settings.connection, "user_and_change_source");
  return true;
}

absl::Status PersonNews::Resolve(std::vector<Failure>& failures) {
  CONNECTOR_RETURN_IF_ERROR(FindDoubtful());
  std::vector<int64_t> ids;
  for (const auto& [id, news] : news_) {
    if (news.read_again) ids.push_back(id);
  }
  const size_t at_once = ids.size() < kListFrom ? 1 : kIdsPerCall;
  std::vector<int64_t> missing;
  for (size_t begin = 0; begin < ids.size(); begin += at_once) {
    const auto first = ids.begin() + static_cast<std::ptrdiff_t>(begin);
    const size_t count = std::min(at_once, ids.size() - begin);
    CONNECTOR_RETURN_IF_ERROR(
        Read({first, first + static_cast<std::ptrdiff_t>(count)}, missing, failures));
  }
  // A list leaves out without a word what is deleted and what may not be seen.
  for (const int64_t id : std::exchange(missing, {})) {
    if (at_once > 1) CONNECTOR_RETURN_IF_ERROR(Read({id}, missing, failures));
    if (at_once == 1 || !missing.empty()) gone_.insert(id);
    missing.clear();
  }
  return absl::OkStatus();
}

absl::Status PersonNews::Read(std::vector<int64_t> ids, std::vector<int64_t>& missing,
                              std::vector<Failure>& failures) {
  pipedrive::PersonsQuery query;
  query.selection = PersonSelection(planning_);
  query.ids = std::move(ids);
  CONNECTOR_ASSIGN_OR_RETURN(const auto page, accounts_.pipedrive.ListPersons(query, "", context_));
  std::set<int64_t> left(query.ids.begin(), query.ids.end());
  for (const Person& person : page.records) {
    left.erase(person.id);
    if (person.is_deleted) gone_.insert(person.id);
    news_[person.id].person = person;
  }
  for (const pipedrive::MalformedRecord& record : page.malformed) {
    int64_t id = 0;
    if (absl::SimpleAtoi(record.id, &id)) left.erase(id);
    failures.push_back({.entity = "person",
                        .entity_id = record.id,
                        .reason = FailureReason::kMalformedRecord,
                        .detail = record.problem});
  }
  missing.insert(missing.end(), left.begin(), left.end());
  return absl::OkStatus();
}

const Person* PersonNews::Find(int64_t id) const {
  const auto found = news_.find(id);
  if (found == news_.end() || !found->second.person || gone_.contains(id)) return nullptr;
  return &*found->second.person;
}

void PersonNews::MoveTo(store::IngestBatch& batch) && {
  for (const store::MergedPersons& merge : merges_) {
    // A person that is still there was not merged, whatever the event says.
    if (gone_.contains(merge.from) && !gone_.contains(merge.to)) batch.merges.push_back(merge);
  }
  for (const store::MergedPersons& merge : batch.merges) {
    gone_.erase(merge.from);
    news_.erase(merge.from);
  }
  batch.gone_persons.assign(gone_.begin(), gone_.end());
  for (auto& [id, news] : news_) {
    if (!news.person || gone_.contains(id)) continue;
    batch.persons.push_back(MakePersonRow(planning_, *std::move(news.person)));
  }
}

}  // namespace connector::sync
