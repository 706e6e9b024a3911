#include "pipedrive_account.h"

#include <algorithm>

#include "pipedrive_json.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

template <typename T>
T* Find(std::deque<T>& records, int64_t id) {
  if (id < 1 || id > static_cast<int64_t>(records.size())) return nullptr;
  return &records[static_cast<size_t>(id - 1)];
}

// At most one is primary (the caller checked); without one the first becomes it.
std::vector<ContactPoint> Points(const json& list) {
  std::vector<ContactPoint> out;
  bool primary = false;
  for (const json& item : list) {
    ContactPoint point{item["value"], item.value("label", "work"), item.value("primary", false)};
    if (point.value.empty()) continue;
    primary = primary || point.primary;
    out.push_back(std::move(point));
  }
  if (!primary && !out.empty()) out.front().primary = true;
  return out;
}

int64_t IdOr0(const json& value) { return value.is_number() ? value.get<int64_t>() : 0; }

// Only what changed, custom fields nested, as webhooks v2 have it.
json Difference(const json& before, const json& after) {
  json out = json::object();
  for (const auto& [key, value] : before.items()) {
    if (key == "custom_fields") {
      const json nested = Difference(value, after[key]);
      if (!nested.empty()) out[key] = nested;
    } else if (!after.contains(key) || after[key] != value) {
      out[key] = value;
    }
  }
  return out;
}

}  // namespace

PipedriveAccount::PipedriveAccount(const Options& options, const Clock& clock)
    : fields(options.seed, options.campaigns), options_(options), clock_(clock) {}

Person* PipedriveAccount::FindPerson(int64_t id) { return Find(persons, id); }
Organization* PipedriveAccount::FindOrganization(int64_t id) { return Find(organizations, id); }
Deal* PipedriveAccount::FindDeal(int64_t id) { return Find(deals, id); }
Activity* PipedriveAccount::FindActivity(int64_t id) { return Find(activities, id); }

std::string PipedriveAccount::CustomValue(const Person& person, int field) const {
  if (person.custom != nullptr) {
    const auto it = person.custom->find(field);
    if (it != person.custom->end()) return it->second;
  }
  return person.seeded ? fields.SeededValue(person.id, field) : "null";
}

void PipedriveAccount::SetCustom(Person& person, int field, const json& value) {
  if (person.custom == nullptr) person.custom = std::make_unique<CustomOverrides>();
  json stored = value;
  if (value.is_object() && fields.custom()[static_cast<size_t>(field)].type == "address") {
    stored = AddressV2(value["value"]);  // missing parts become null
    stored.update(value);
  }
  (*person.custom)[field] = stored.dump();
}

void PipedriveAccount::Announce(PipedriveChange change) {
  change.bulk = bulk_edit;
  if (on_change) on_change(change);
}

bool PipedriveAccount::HasEmail(const std::string& email) const {
  const std::string wanted = Lower(email);
  return std::any_of(persons.begin(), persons.end(), [&wanted](const Person& person) {
    if (person.deleted) return false;
    return std::any_of(person.emails.begin(), person.emails.end(), [&](const ContactPoint& e) {
      return e.value.size() == wanted.size() && Lower(e.value) == wanted;
    });
  });
}

namespace {

void ApplyPerson(PipedriveAccount& account, Person& person, const json& body) {
  if (body.contains("name")) person.name = body["name"];
  if (body.contains("owner_id")) person.owner = body["owner_id"];
  if (body.contains("visible_to")) person.visible_to = body["visible_to"].get<int8_t>();
  if (body.contains("emails")) person.emails = Points(body["emails"]);
  if (body.contains("phones")) person.phones = Points(body["phones"]);
  if (body.contains("label_ids")) person.labels = body["label_ids"].get<std::vector<int64_t>>();
  if (body.contains("org_id")) {
    if (Organization* old = account.FindOrganization(person.org)) --old->people;
    person.org = IdOr0(body["org_id"]);
    if (Organization* now = account.FindOrganization(person.org)) ++now->people;
  }
  // Consent may be moved once; later attempts succeed and change nothing (facts section 9).
  if (body.contains("marketing_status") && !person.marketing_moved && !person.emails.empty()) {
    for (int8_t i = 0; i < 4; ++i) {
      if (body["marketing_status"] != kMarketing[i] || person.marketing == i) continue;
      person.marketing = i;
      person.marketing_moved = true;
    }
  }
  const json custom = body.value("custom_fields", json::object());
  for (const auto& [key, value] : custom.items()) {
    account.SetCustom(person, account.fields.CustomIndex(key), value);
  }
}

}  // namespace

Person& PipedriveAccount::CreatePerson(const json& body, bool by_api) {
  Person& person = persons.emplace_back();
  person.id = static_cast<int64_t>(persons.size());
  person.add_time = person.update_time = clock_.NowSeconds();
  if (body.contains("add_time")) {
    const auto millis = ParseRfc3339Millis(body["add_time"].get<std::string>(), true);
    person.add_time = millis.value_or(person.add_time * 1000) / 1000;
  }
  person.found_from = clock_.NowSeconds() + static_cast<int64_t>(options_.search_delay_s + 0.5);
  ApplyPerson(*this, person, body);
  Announce({"person", "create", person.id, "", PersonV2(*this, person), nullptr, by_api});
  return person;
}

void PipedriveAccount::PatchPerson(Person& person, const json& body, bool by_api) {
  const json before = PersonV2(*this, person);
  ApplyPerson(*this, person, body);
  json previous = Difference(before, PersonV2(*this, person));
  if (previous.empty()) return;
  previous["update_time"] = before["update_time"];
  person.update_time = clock_.NowSeconds();
  person.found_from = clock_.NowSeconds() + static_cast<int64_t>(options_.search_delay_s + 0.5);
  Announce({"person", "change", person.id, "", PersonV2(*this, person), previous, by_api});
}

void PipedriveAccount::DeletePerson(Person& person, bool by_api) {
  if (person.deleted) return;
  const json before = PersonV2(*this, person);
  person.deleted = true;
  person.update_time = clock_.NowSeconds();
  if (Organization* org = FindOrganization(person.org)) --org->people;
  Announce({"person", "delete", person.id, "", nullptr, before, by_api});
}

void PipedriveAccount::MergePersons(Person& loser, Person& survivor, bool by_api) {
  const json before = PersonV2(*this, survivor);
  const json gone = PersonV2(*this, loser);
  const auto take = [](std::vector<ContactPoint>& to, const std::vector<ContactPoint>& from) {
    for (ContactPoint point : from) {
      const bool there = std::any_of(to.begin(), to.end(), [&](const ContactPoint& have) {
        return Lower(have.value) == Lower(point.value);
      });
      point.primary = to.empty();
      if (!there) to.push_back(point);
    }
  };
  take(survivor.emails, loser.emails);
  take(survivor.phones, loser.phones);
  if (survivor.org == 0 && loser.org != 0) {
    survivor.org = loser.org;
    if (Organization* org = FindOrganization(loser.org)) ++org->people;
  }
  for (size_t i = 0; i < fields.custom().size(); ++i) {
    const int field = static_cast<int>(i);
    if (CustomValue(survivor, field) != "null") continue;
    const std::string value = CustomValue(loser, field);
    if (value != "null") SetCustom(survivor, field, json::parse(value));
  }
  for (Deal& deal : deals) {
    if (deal.person != loser.id) continue;
    CountDeal(deal, -1);
    deal.person = survivor.id;
    CountDeal(deal, +1);
  }
  survivor.update_time = loser.update_time = clock_.NowSeconds();
  loser.deleted = true;
  PipedriveChange away{"person", "delete", loser.id, "", nullptr, gone, by_api};
  away.merged_to = survivor.id;
  if (!weather.merge_change_first) Announce(away);
  const json after = PersonV2(*this, survivor);
  PipedriveChange kept{"person", "change", survivor.id, "", after, Difference(before, after),
                       by_api};
  kept.merged_from = loser.id;
  Announce(kept);
  if (weather.merge_change_first) Announce(away);
}

Organization& PipedriveAccount::CreateOrganization(const json& body, bool by_api) {
  Organization& o = organizations.emplace_back();
  o.id = static_cast<int64_t>(organizations.size());
  o.add_time = o.update_time = clock_.NowSeconds();
  o.name = body["name"];
  if (body.contains("owner_id")) o.owner = body["owner_id"];
  if (body.contains("address") && body["address"].is_object()) o.address = body["address"]["value"];
  Announce({"organization", "create", o.id, "", OrganizationV2(o), nullptr, by_api});
  return o;
}

void PipedriveAccount::PatchOrganization(Organization& o, const json& body, bool by_api) {
  const json before = OrganizationV2(o);
  if (body.contains("name")) o.name = body["name"];
  if (body.contains("owner_id")) o.owner = body["owner_id"];
  if (body.contains("label_ids")) o.labels = body["label_ids"].get<std::vector<int64_t>>();
  if (body.contains("address")) {
    o.address = body["address"].is_object() ? body["address"]["value"].get<std::string>() : "";
  }
  json previous = Difference(before, OrganizationV2(o));
  if (previous.empty()) return;
  o.update_time = clock_.NowSeconds();
  previous["update_time"] = before["update_time"];
  Announce({"organization", "change", o.id, "", OrganizationV2(o), previous, by_api});
}

void PipedriveAccount::DeleteOrganization(Organization& o, bool by_api) {
  if (o.deleted) return;
  const json before = OrganizationV2(o);
  o.deleted = true;
  o.update_time = clock_.NowSeconds();
  Announce({"organization", "delete", o.id, "", nullptr, before, by_api});
}

void PipedriveAccount::CountDeal(const Deal& deal, int by) {
  Person* person = FindPerson(deal.person);
  if (person == nullptr || deal.deleted) return;
  uint16_t& count = deal.status == DealStatus::kOpen  ? person->open_deals
                    : deal.status == DealStatus::kWon ? person->won_deals
                                                      : person->lost_deals;
  count = static_cast<uint16_t>(count + by);
}

void PipedriveAccount::ApplyDeal(Deal& deal, const json& body) {
  const int64_t now = clock_.NowSeconds();
  if (body.contains("title")) deal.title = body["title"];
  if (body.contains("value") && body["value"].is_number()) deal.value = body["value"];
  if (body.contains("currency")) deal.currency = body["currency"];
  if (body.contains("owner_id")) deal.owner = body["owner_id"];
  if (body.contains("person_id")) deal.person = IdOr0(body["person_id"]);
  if (body.contains("org_id")) deal.org = IdOr0(body["org_id"]);
  // Another pipeline begins at its first stage.
  if (body.contains("pipeline_id") && body["pipeline_id"] != deal.pipeline) {
    deal.pipeline = body["pipeline_id"];
    deal.stage = deal.pipeline == 1 ? 1 : 5;
    deal.stage_time = now;
  }
  if (body.contains("stage_id") && body["stage_id"] != deal.stage) {
    deal.stage = body["stage_id"];
    deal.pipeline = deal.stage <= 4 ? 1 : 2;
    deal.stage_time = now;
  }
  if (body.contains("status")) {
    const std::string status = body["status"];
    const DealStatus to = status == "won"    ? DealStatus::kWon
                          : status == "lost" ? DealStatus::kLost
                                             : DealStatus::kOpen;
    if (to != deal.status) deal.close_time = to == DealStatus::kOpen ? 0 : now;
    deal.status = to;
  }
  if (body.contains("probability")) {
    deal.probability = body["probability"].is_null() ? -1 : body["probability"].get<double>();
  }
  if (body.contains("lost_reason") && body["lost_reason"].is_string()) {
    deal.lost_reason = body["lost_reason"];
  }
  if (body.contains("expected_close_date") && body["expected_close_date"].is_string()) {
    deal.expected_close = body["expected_close_date"];
  }
  if (body.contains("is_archived")) deal.archived = body["is_archived"];
}

Deal& PipedriveAccount::CreateDeal(const json& body, bool by_api) {
  Deal& deal = deals.emplace_back();
  deal.id = static_cast<int64_t>(deals.size());
  deal.add_time = deal.update_time = clock_.NowSeconds();
  ApplyDeal(deal, body);
  CountDeal(deal, +1);
  Announce({"deal", "create", deal.id, "", DealV2(deal), nullptr, by_api});
  return deal;
}

void PipedriveAccount::PatchDeal(Deal& deal, const json& body, bool by_api) {
  const json before = DealV2(deal);
  CountDeal(deal, -1);
  ApplyDeal(deal, body);
  CountDeal(deal, +1);
  json previous = Difference(before, DealV2(deal));
  if (previous.empty()) return;
  deal.update_time = clock_.NowSeconds();
  previous["update_time"] = before["update_time"];
  Announce({"deal", "change", deal.id, "", DealV2(deal), previous, by_api});
}

void PipedriveAccount::DeleteDeal(Deal& deal, bool by_api) {
  if (deal.deleted) return;
  const json before = DealV2(deal);
  CountDeal(deal, -1);
  deal.deleted = true;
  deal.update_time = clock_.NowSeconds();
  Announce({"deal", "delete", deal.id, "", nullptr, before, by_api});
}

}  // namespace sandbox
