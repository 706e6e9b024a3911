#pragma once

// A Pipedrive account in memory. Calls may come from several threads, all else from one at a time.

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "pipedrive/client.h"

namespace connector::testing {

class FakePipedrive : public pipedrive::Client {
 public:
  explicit FakePipedrive(const Clock& clock) : clock_(clock) {
    account.company_id = 7;
    account.default_currency = "EUR";
    person_fields = {{"name", "Name", "varchar", false, {}}};
    organization_fields = {{"name", "Name", "varchar", false, {}}};
  }

  std::map<int64_t, Person> persons;
  std::map<int64_t, Organization> organizations;
  std::map<int64_t, Deal> deals;
  std::vector<Pipeline> pipelines = {{1, "Sales", 1}, {2, "Renewals", 2}};
  std::vector<Stage> stages = {{1, "New", 1, 1, {}}, {2, "Offer", 1, 2, {}}, {5, "Due", 2, 1, {}}};
  std::vector<Currency> currencies = {{"EUR", 2}, {"USD", 2}, {"JPY", 0}};
  std::set<int64_t> malformed;  // persons that cannot be read
  std::set<int64_t> hidden;     // persons that only a call by ids shows
  PipedriveAccount account;
  std::vector<PipedriveField> person_fields;
  std::vector<PipedriveField> organization_fields;
  size_t page_size = 500;
  bool says_time = true;

  // Every call, e.g. "persons@500", "persons since", "persons ids=3", "organizations", "account".
  std::vector<std::string> calls;
  // Asked before each call; what is not OK is its answer.
  std::function<absl::Status(const std::string& call)> on_call;
  std::stop_token stop;  // of the call under way

  // A person with an address, changed now.
  Person& Put(int64_t id, const std::string& email, const std::string& first_name = "Ann") {
    Person& person = persons[id];
    person.id = id;
    person.first_name = first_name;
    if (!email.empty()) person.emails = {{email, "work", true}};
    person.update_time = clock_.Now();
    return person;
  }

  absl::StatusOr<pipedrive::Page<Person>> ListPersons(const pipedrive::PersonsQuery& query,
                                                      const std::string& cursor,
                                                      const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(
        Enter(Name("persons", query.ids.size(), query.updated_since.has_value(), cursor), context));
    std::map<int64_t, Person> shown = persons;
    if (query.ids.empty()) {
      for (const int64_t id : hidden) shown.erase(id);
    }
    auto page = PageOf<Person>(shown, query.ids, query.updated_since, cursor);
    std::erase_if(page.records, [&](const Person& person) {
      if (malformed.count(person.id) == 0) return false;
      page.malformed.push_back({absl::StrCat(person.id), "no object"});
      return true;
    });
    return page;
  }

  absl::StatusOr<pipedrive::Page<Organization>> ListOrganizations(
      const pipedrive::OrganizationsQuery& query, const std::string& cursor,
      const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter(
        Name("organizations", query.ids.size(), query.updated_since.has_value(), cursor), context));
    return PageOf<Organization>(organizations, query.ids, query.updated_since, cursor);
  }

  // A deal of a person, changed now.
  Deal& PutDeal(int64_t id, int64_t person, DealStatus status = DealStatus::kOpen,
                int64_t stage = 1) {
    Deal& deal = deals[id];
    deal.id = id;
    deal.person_id = person;
    deal.stage_id = stage;
    deal.pipeline_id = stage < 5 ? 1 : 2;
    deal.status = status;
    deal.currency = deal.currency.empty() ? "EUR" : deal.currency;
    deal.update_time = clock_.Now();
    if (status == DealStatus::kWon) deal.won_time = clock_.Now();
    if (status == DealStatus::kLost) deal.lost_time = clock_.Now();
    return deal;
  }

  absl::StatusOr<pipedrive::Page<Deal>> ListDeals(const pipedrive::DealsQuery& query,
                                                  const std::string& cursor,
                                                  const http::CallContext& context) override {
    const char* name = query.set == pipedrive::DealSet::kCurrent    ? "deals"
                       : query.set == pipedrive::DealSet::kArchived ? "archived deals"
                                                                    : "deleted deals";
    CONNECTOR_RETURN_IF_ERROR(
        Enter(Name(name, query.ids.size(), query.updated_since.has_value(), cursor), context));
    std::map<int64_t, Deal> of_set;
    for (const auto& [id, deal] : deals) {
      const pipedrive::DealSet set = deal.is_archived    ? pipedrive::DealSet::kArchived
                                     : deal.is_deleted() ? pipedrive::DealSet::kDeleted
                                                         : pipedrive::DealSet::kCurrent;
      if (deal.is_archived && deal.is_deleted() && !query.updated_since) continue;
      if (set == query.set) of_set.emplace(id, deal);
    }
    return PageOf<Deal>(of_set, query.ids, query.updated_since, cursor);
  }
  absl::StatusOr<Deal> GetDeal(int64_t id, const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("deal", context));
    const auto found = deals.find(id);
    if (found == deals.end()) return absl::NotFoundError("no such deal");
    return found->second;
  }
  bool search_is_current = true;  // false: it does not know the persons yet
  std::map<int64_t, Activity> activities;
  std::map<std::string, Lead> leads;  // a deleted one is told by neither list
  std::vector<FieldOption> lead_labels = {{"hot", "Hot"}, {"cold", "Cold"}};

  // An activity of a person, changed now, and added now if it is new.
  Activity& PutActivity(int64_t id, int64_t person, bool done = false) {
    const bool is_new = activities.count(id) == 0;
    Activity& activity = activities[id];
    activity.id = id;
    activity.type = "call";
    activity.subject = absl::StrCat("Call ", id);
    activity.person_id = person;
    activity.participants = {person};
    activity.done = done;
    if (is_new) activity.add_time = clock_.Now();
    activity.update_time = clock_.Now();
    return activity;
  }
  // A lead of a person (0: none), changed now.
  Lead& PutLead(const std::string& id, int64_t person) {
    Lead& lead = leads[id];
    lead.id = id;
    lead.title = "Lead " + id;
    if (person != 0) lead.person_id = person;
    if (!lead.add_time) lead.add_time = clock_.Now();
    lead.update_time = clock_.Now();
    return lead;
  }

  absl::StatusOr<pipedrive::Page<Activity>> ListActivities(
      const pipedrive::ActivitiesQuery& query, const std::string& cursor,
      const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter(
        Name("activities", query.ids.size(), query.updated_since.has_value(), cursor), context));
    std::map<int64_t, Activity> shown;
    for (const auto& [id, activity] : activities) {
      if (!activity.is_deleted) shown.emplace(id, activity);
    }
    return PageOf<Activity>(shown, query.ids, query.updated_since, cursor);
  }
  absl::StatusOr<pipedrive::Page<Lead>> ListLeads(const pipedrive::LeadsQuery& query,
                                                  const std::string& cursor,
                                                  const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter(Name(query.archived ? "archived leads" : "leads", 0,
                                         query.updated_since.has_value(), cursor),
                                    context));
    std::map<int64_t, Lead> shown;
    for (const auto& [id, lead] : leads) {
      if (!lead.is_deleted && lead.is_archived == query.archived) {
        shown.emplace(static_cast<int64_t>(shown.size()), lead);
      }
    }
    return PageOf<Lead>(shown, {}, query.updated_since, cursor);
  }
  absl::StatusOr<Lead> GetLead(const std::string& id, const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("lead", context));
    const auto found = leads.find(id);
    if (found == leads.end() || found->second.is_deleted)
      return absl::NotFoundError("no such lead");
    return found->second;
  }
  absl::StatusOr<std::vector<FieldOption>> ListLeadLabels(
      const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("lead labels", context));
    return lead_labels;
  }
  absl::StatusOr<std::vector<Pipeline>> ListPipelines(const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("pipelines", context));
    return pipelines;
  }
  absl::StatusOr<std::vector<Stage>> ListStages(const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("stages", context));
    return stages;
  }
  absl::StatusOr<std::vector<Currency>> ListCurrencies(const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("currencies", context));
    return currencies;
  }

  absl::StatusOr<std::vector<PipedriveField>> ListPersonFields(
      const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("person fields", context));
    return person_fields;
  }
  absl::StatusOr<std::vector<PipedriveField>> ListOrganizationFields(
      const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("organization fields", context));
    return organization_fields;
  }
  absl::StatusOr<SearchPage> Search(const SearchQuery& query,
                                    const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter(absl::StrCat("search ", query.term), context));
    SearchPage page;
    for (const auto& [id, person] : persons) {
      if (!search_is_current || person.is_deleted) continue;
      for (const ContactPoint& email : person.emails) {
        if (email.value != query.term) continue;
        page.items.push_back({.type = SearchItemType::kPerson, .id = absl::StrCat(id)});
      }
    }
    return page;
  }
  absl::StatusOr<PipedriveAccount> GetAccount(const http::CallContext& context) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("account", context));
    return account;
  }

 private:
  static std::string Name(const char* what, size_t ids, bool since, const std::string& cursor) {
    std::string name = what;
    if (ids > 0) absl::StrAppend(&name, " ids=", ids);
    if (since) absl::StrAppend(&name, " since");
    if (!cursor.empty()) absl::StrAppend(&name, "@", cursor);
    return name;
  }

  absl::Status Enter(const std::string& call, const http::CallContext& context) {
    const std::lock_guard lock(mutex_);
    calls.push_back(call);
    stop = context.stop;
    if (context.counter != nullptr) ++context.counter->calls;
    return on_call ? on_call(call) : absl::OkStatus();
  }

  template <typename Record>
  pipedrive::Page<Record> PageOf(const std::map<int64_t, Record>& all,
                                 const std::vector<int64_t>& ids, std::optional<Time> since,
                                 const std::string& cursor) {
    std::vector<Record> selected;
    const std::set<int64_t> wanted(ids.begin(), ids.end());
    for (const auto& [id, record] : all) {
      if (!wanted.empty() && wanted.count(id) == 0) continue;
      if (since && record.update_time && *record.update_time < *since) continue;
      selected.push_back(record);
    }
    size_t begin = 0;
    if (!cursor.empty() && !absl::SimpleAtoi(cursor, &begin)) begin = selected.size();
    const size_t end = std::min(begin + page_size, selected.size());
    pipedrive::Page<Record> page;
    for (size_t i = begin; i < end; ++i) page.records.push_back(selected[i]);
    if (end < selected.size()) page.next_cursor = absl::StrCat(end);
    if (says_time) page.server_time = clock_.Now();
    return page;
  }

  const Clock& clock_;
  std::mutex mutex_;  // one call after the other
};

}  // namespace connector::testing
