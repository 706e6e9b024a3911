// Activities and leads of the simulated account: how they change.

#include "pipedrive_account.h"
#include "pipedrive_json.h"
#include "random.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

int64_t IdOr0(const json& value) { return value.is_number_integer() ? value.get<int64_t>() : 0; }

// The members that differ, as they were.
json Changed(const json& before, const json& after) {
  json previous = json::object();
  for (const auto& [name, value] : before.items()) {
    if (after[name] != value) previous[name] = value;
  }
  return previous;
}

void ApplyLead(Lead& lead, const json& body) {
  if (body.contains("title")) lead.title = body["title"];
  if (body.contains("person_id")) lead.person = IdOr0(body["person_id"]);
  if (body.contains("organization_id")) lead.org = IdOr0(body["organization_id"]);
  if (body.contains("label_ids")) lead.labels = body["label_ids"];
  if (body.contains("is_archived")) lead.archived = body["is_archived"];
  if (body.contains("source_name")) lead.source = body["source_name"];
  if (!body.contains("value")) return;
  lead.amount = body["value"].is_null() ? -1 : body["value"]["amount"].get<double>();
  if (body["value"].is_object()) lead.currency = body["value"].value("currency", "EUR");
}

}  // namespace

void PipedriveAccount::ApplyActivity(Activity& a, const json& body) {
  a.subject = body.value("subject", a.subject);
  a.type = body.value("type", a.type);
  a.due_date = body.value("due_date", a.due_date);
  a.due_time = body.value("due_time", a.due_time);
  a.note = body.value("note", a.note);
  const bool was_done = a.done;
  a.done = body.value("done", a.done);
  if (a.done && !was_done) a.done_time = clock_.NowSeconds();
  if (body.contains("deal_id")) a.deal = IdOr0(body["deal_id"]);
  if (body.contains("org_id")) a.org = IdOr0(body["org_id"]);
  if (!body.contains("participants")) return;
  a.person = 0;
  a.others.clear();
  // The first is the primary one unless another says that it is.
  for (const json& who : body["participants"]) {
    if (who.value("primary", false)) a.person = who["person_id"];
  }
  for (const json& who : body["participants"]) {
    const int64_t id = who["person_id"];
    if (a.person == 0) a.person = id;
    if (id != a.person) a.others.push_back(id);
  }
}

Activity& PipedriveAccount::CreateActivity(const json& body, bool by_api) {
  Activity& a = activities.emplace_back();
  a.id = static_cast<int64_t>(activities.size());
  a.add_time = a.update_time = clock_.NowSeconds();
  a.subject = "Call";
  a.type = "call";
  ApplyActivity(a, body);
  if (Person* person = FindPerson(a.person)) ++person->activities;
  Announce({"activity", "create", a.id, "", ActivityV2(a), nullptr, by_api});
  return a;
}

void PipedriveAccount::PatchActivity(Activity& a, const json& body, bool by_api) {
  const json before = ActivityV2(a);
  ApplyActivity(a, body);
  a.update_time = clock_.NowSeconds();
  const json after = ActivityV2(a);
  Announce({"activity", "change", a.id, "", after, Changed(before, after), by_api});
}

void PipedriveAccount::DeleteActivity(Activity& a, bool by_api) {
  if (a.deleted) return;
  const json before = ActivityV2(a);
  a.deleted = true;
  a.update_time = clock_.NowSeconds();
  Announce({"activity", "delete", a.id, "", nullptr, before, by_api});
}

Lead* PipedriveAccount::FindLead(const std::string& id) {
  for (Lead& lead : leads) {
    if (lead.id == id) return &lead;
  }
  return nullptr;
}

Lead& PipedriveAccount::CreateLead(const json& body, bool by_api) {
  Lead& lead = leads.emplace_back();
  const std::string digits = HexDigest("lead " + std::to_string(leads.size()));
  lead.id = digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-11eb-879b-" + digits.substr(4, 12);
  lead.add_millis = lead.update_millis = clock_.NowMillis();
  lead.title = "Lead";
  ApplyLead(lead, body);
  Announce({"lead", "create", 0, lead.id, LeadV1(lead), nullptr, by_api});
  return lead;
}

void PipedriveAccount::PatchLead(Lead& lead, const json& body, bool by_api) {
  const json before = LeadV1(lead);
  ApplyLead(lead, body);
  lead.update_millis = clock_.NowMillis();
  const json after = LeadV1(lead);
  Announce({"lead", "change", 0, lead.id, after, Changed(before, after), by_api});
}

void PipedriveAccount::DeleteLead(Lead& lead, bool by_api) {
  if (lead.deleted) return;
  const json before = LeadV1(lead);
  lead.deleted = true;
  lead.update_millis = clock_.NowMillis();
  Announce({"lead", "delete", 0, lead.id, nullptr, before, by_api});
}

}  // namespace sandbox
