// The simulated Pipedrive account: its records, the changes they can undergo and the rules that
// hold between them. Every change goes through here, whether by API or by a user of the web app,
// and is announced to a listener (the webhooks).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "clock.h"
#include "options.h"
#include "pipedrive_fields.h"
#include "pipedrive_model.h"

namespace sandbox {

// A change as webhooks tell it. Objects are in the form of API v2.
struct PipedriveChange {
  std::string object;  // person, organization, deal, ...
  std::string action;  // create, change, delete
  int64_t id = 0;
  std::string text_id;  // of leads
  nlohmann::json data, previous;
  bool by_api = true;
  int64_t merged_to = 0, merged_from = 0;
  bool bulk = false;  // one of many edited at once
};

class PipedriveAccount {
 public:
  PipedriveAccount(const Options& options, const Clock& clock);

  PersonFields fields;
  std::deque<Person> persons;  // persons[i].id == i + 1
  std::deque<Organization> organizations;
  std::deque<Deal> deals;
  std::deque<Activity> activities;
  std::deque<Lead> leads;
  std::map<int64_t, PipedriveWebhook> webhooks;
  int64_t next_webhook = 1;
  WebhookWeather weather;
  bool bulk_edit = false;  // what changes now is part of one

  Person* FindPerson(int64_t id);  // null if it never was; deleted ones are found
  Organization* FindOrganization(int64_t id);
  Deal* FindDeal(int64_t id);
  Activity* FindActivity(int64_t id);

  // The value of a custom field as API v2 JSON text, "null" if it has none.
  std::string CustomValue(const Person& person, int field) const;
  void SetCustom(Person& person, int field, const nlohmann::json& value);

  // Bodies are valid (see pipedrive_validation.h). `by_api` tells the web app from the API.
  Person& CreatePerson(const nlohmann::json& body, bool by_api);
  void PatchPerson(Person& person, const nlohmann::json& body, bool by_api);
  void DeletePerson(Person& person, bool by_api);
  // `survivor` wins conflicts; `loser` is deleted, its deals and addresses move over.
  void MergePersons(Person& loser, Person& survivor, bool by_api);

  Organization& CreateOrganization(const nlohmann::json& body, bool by_api);
  void PatchOrganization(Organization& organization, const nlohmann::json& body, bool by_api);
  void DeleteOrganization(Organization& organization, bool by_api);

  Deal& CreateDeal(const nlohmann::json& body, bool by_api);
  int64_t NowSeconds() const { return clock_.NowSeconds(); }
  void PatchDeal(Deal& deal, const nlohmann::json& body, bool by_api);
  void DeleteDeal(Deal& deal, bool by_api);
  void CountDeal(const Deal& deal, int by);  // keeps the counts of its person

  Activity& CreateActivity(const nlohmann::json& body, bool by_api);
  void PatchActivity(Activity& activity, const nlohmann::json& body, bool by_api);
  void DeleteActivity(Activity& activity, bool by_api);

  Lead* FindLead(const std::string& id);  // null if it never was; deleted ones are found
  Lead& CreateLead(const nlohmann::json& body, bool by_api);
  void PatchLead(Lead& lead, const nlohmann::json& body, bool by_api);
  // A lead that becomes a deal is deleted, too.
  void DeleteLead(Lead& lead, bool by_api);

  // True if a living person has this address, whatever the case. Looks at all of them.
  bool HasEmail(const std::string& email) const;

  std::function<void(const PipedriveChange&)> on_change;
  const Options& options() const { return options_; }

 private:
  void Announce(PipedriveChange change);
  void ApplyDeal(Deal& deal, const nlohmann::json& body);
  void ApplyActivity(Activity& activity, const nlohmann::json& body);

  const Options& options_;
  const Clock& clock_;
};

}  // namespace sandbox
