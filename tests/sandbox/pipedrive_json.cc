#include "pipedrive_json.h"

#include <algorithm>
#include <map>

#include "random.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

void AppendPoints(std::string& out, const char* name, const std::vector<ContactPoint>& points) {
  out += ",\"";
  out += name;
  out += "\":[";
  for (size_t i = 0; i < points.size(); ++i) {
    out += i == 0 ? "{\"value\":" : ",{\"value\":";
    AppendJsonString(out, points[i].value);
    out += points[i].primary ? ",\"primary\":true,\"label\":" : ",\"primary\":false,\"label\":";
    AppendJsonString(out, points[i].label);
    out += '}';
  }
  out += ']';
}

// A null the API sometimes writes and sometimes leaves out altogether.
bool OmitsNulls(const Person& person) { return Mix(static_cast<uint64_t>(person.id)) % 40 == 0; }

void AppendText(std::string& out, const Person& person, const char* name,
                const std::string& value) {
  if (value.empty() && OmitsNulls(person)) return;
  out += ",\"";
  out += name;
  out += "\":";
  if (value.empty()) {
    out += "null";
  } else {
    AppendJsonString(out, value);
  }
}

void AppendNumber(std::string& out, const char* name, int64_t value) {
  out += ",\"";
  out += name;
  out += "\":";
  out += std::to_string(value);
}

std::string IncludedValue(const PipedriveAccount& account, const Person& person,
                          const std::string& name) {
  const int closed = person.won_deals + person.lost_deals;
  const std::map<std::string, int> counts = {
      {"open_deals_count", person.open_deals}, {"won_deals_count", person.won_deals},
      {"lost_deals_count", person.lost_deals}, {"closed_deals_count", closed},
      {"activities_count", person.activities}, {"undone_activities_count", person.activities}};
  if (const auto it = counts.find(name); it != counts.end()) return std::to_string(it->second);
  if (name.ends_with("_count")) return "0";
  if (name == "marketing_status" && account.options().campaigns) {
    return std::string("\"") + kMarketing[person.marketing] + "\"";
  }
  if (name == "smart_bcc_email") {
    return "\"" + account.options().company_domain + "@pipedrivemail.com\"";
  }
  return "null";
}

std::string Labelled(const Field& field, const std::string& text) {
  const auto one = [&field](const json& id) {
    json out = {{"id", id}, {"label", nullptr}};
    for (const FieldOption& option : field.options) {
      if (option.id == id) out["label"] = option.label;
    }
    return out;
  };
  const json value = json::parse(text);
  if (value.is_number()) return one(value).dump();
  json out = json::array();
  for (const json& id : value) out.push_back(one(id));
  return out.dump();
}

void AppendCustom(std::string& out, const PipedriveAccount& account, const Person& person,
                  const PersonView& view) {
  out += ",\"custom_fields\":{";
  bool first = true;
  const auto append = [&](int index) {
    const Field& field = account.fields.custom()[static_cast<size_t>(index)];
    std::string value = account.CustomValue(person, index);
    if (view.option_labels && value != "null" && (field.type == "enum" || field.type == "set")) {
      value = Labelled(field, value);
    }
    out += first ? "\"" : ",\"";
    out += field.key;
    out += "\":";
    out += value;
    first = false;
  };
  if (view.all_custom) {
    for (size_t i = 0; i < account.fields.custom().size(); ++i) append(static_cast<int>(i));
  } else {
    for (const int index : view.custom) append(index);
  }
  out += '}';
}

}  // namespace

void AppendPersonV2(std::string& out, const PipedriveAccount& account, const Person& person,
                    const PersonView& view) {
  out += "{\"id\":" + std::to_string(person.id) + ",\"name\":";
  AppendJsonString(out, person.name);
  out += ",\"first_name\":";
  AppendJsonString(out, person.FirstName());
  AppendText(out, person, "last_name", person.LastName());
  AppendNumber(out, "owner_id", person.owner);
  if (person.org != 0) {
    AppendNumber(out, "org_id", person.org);
  } else if (!OmitsNulls(person)) {
    out += ",\"org_id\":null";
  }
  out += ",\"add_time\":\"" + FormatRfc3339(person.add_time) + "\",\"update_time\":\"" +
         FormatRfc3339(person.update_time) + "\"";
  AppendPoints(out, "emails", person.emails);
  AppendPoints(out, "phones", person.phones);
  out += person.deleted ? ",\"is_deleted\":true" : ",\"is_deleted\":false";
  AppendNumber(out, "visible_to", person.visible_to);
  if (!OmitsNulls(person))
    out += ",\"picture_id\":null,\"label_ids\":" + json(person.labels).dump();
  for (const std::string& name : view.include) {
    if ((name == "marketing_status" || name == "doi_status") && !account.options().campaigns) {
      continue;
    }
    out += ",\"" + name + "\":" + IncludedValue(account, person, name);
  }
  AppendCustom(out, account, person, view);
  out += '}';
}

json PersonV2(const PipedriveAccount& account, const Person& person) {
  std::string text;
  AppendPersonV2(text, account, person, PersonView());
  return json::parse(text);
}

json AddressV2(const std::string& address) {
  if (address.empty()) return nullptr;
  return {{"value", address},
          {"country", nullptr},
          {"admin_area_level_1", nullptr},
          {"admin_area_level_2", nullptr},
          {"locality", nullptr},
          {"sublocality", nullptr},
          {"route", nullptr},
          {"street_number", nullptr},
          {"subpremise", nullptr},
          {"postal_code", nullptr}};
}

json OrganizationV2(const Organization& o) {
  return {{"id", o.id},
          {"name", o.name},
          {"owner_id", o.owner},
          {"add_time", FormatRfc3339(o.add_time)},
          {"update_time", FormatRfc3339(o.update_time)},
          {"is_deleted", o.deleted},
          {"visible_to", 3},
          {"label_ids", o.labels},
          {"address", AddressV2(o.address)},
          {"website", nullptr},
          {"linkedin", nullptr},
          {"industry", nullptr},
          {"annual_revenue", nullptr},
          {"employee_count", nullptr},
          {"custom_fields", json::object()}};
}

std::string DealTitle(const Deal& deal) {
  return deal.title.empty() ? "Deal " + std::to_string(deal.id) : deal.title;
}

json DealV2(const Deal& d) {
  const auto time = [](int64_t seconds) {
    return seconds == 0 ? json(nullptr) : json(FormatRfc3339(seconds));
  };
  const auto id = [](int64_t value) { return value == 0 ? json(nullptr) : json(value); };
  const bool won = d.status == DealStatus::kWon;
  const bool lost = d.status == DealStatus::kLost;
  return {
      {"id", d.id},
      {"title", DealTitle(d)},
      {"value", d.value},
      {"currency", d.currency},
      {"owner_id", d.owner},
      {"creator_user_id", d.owner},
      {"person_id", id(d.person)},
      {"org_id", id(d.org)},
      {"pipeline_id", d.pipeline},
      {"stage_id", d.stage},
      {"status", d.deleted ? "deleted"
                 : won     ? "won"
                 : lost    ? "lost"
                           : "open"},
      {"probability", d.probability < 0 ? json(nullptr) : json(d.probability)},
      {"lost_reason", lost && !d.lost_reason.empty() ? json(d.lost_reason) : json(nullptr)},
      {"add_time", FormatRfc3339(d.add_time)},
      {"update_time", FormatRfc3339(d.update_time)},
      {"stage_change_time", time(d.stage_time)},
      {"close_time", time(d.close_time)},
      {"won_time", won ? time(d.close_time) : json(nullptr)},
      {"lost_time", lost ? time(d.close_time) : json(nullptr)},
      {"expected_close_date", d.expected_close.empty() ? json(nullptr) : json(d.expected_close)},
      {"label_ids", json::array()},
      {"visible_to", 3},
      {"is_deleted", d.deleted},
      {"is_archived", d.archived},
      {"origin", "ManuallyCreated"},
      {"origin_id", nullptr},
      {"channel", nullptr},
      {"channel_id", nullptr},
      {"source_lead_id", nullptr},
      {"arr", nullptr},
      {"mrr", nullptr},
      {"acv", nullptr},
      {"custom_fields", json::object()}};
}

json PipelinesV2() {
  json out = json::array();
  for (int id = 1; id <= 2; ++id) {
    out.push_back({{"id", id},
                   {"name", id == 1 ? "Sales" : "Renewals"},
                   {"order_nr", id},
                   {"is_deleted", false},
                   {"is_deal_probability_enabled", true},
                   {"add_time", "2020-01-01T00:00:00Z"},
                   {"update_time", nullptr}});
  }
  return out;
}

json StagesV2(int64_t pipeline) {
  constexpr const char* kNames[] = {"Qualified", "Contact made", "Proposal made", "Negotiation",
                                    "Due",       "Offered",      "Agreed"};
  constexpr int kProbabilities[] = {10, 25, 50, 75, 100, 60, 100};
  json out = json::array();
  for (int id = 1; id <= 7; ++id) {
    const int of = id <= 4 ? 1 : 2;
    if (pipeline != 0 && of != pipeline) continue;
    out.push_back({{"id", id},
                   {"order_nr", id},
                   {"name", kNames[id - 1]},
                   {"is_deleted", false},
                   {"deal_probability", kProbabilities[id - 1]},
                   {"pipeline_id", of},
                   {"is_deal_rot_enabled", false},
                   {"days_to_rotten", nullptr},
                   {"add_time", "2020-01-01T00:00:00Z"},
                   {"update_time", nullptr}});
  }
  return out;
}

json ActivityV2(const Activity& a) {
  const auto id = [](int64_t value) { return value == 0 ? json(nullptr) : json(value); };
  json participants = json::array();
  if (a.person != 0) participants.push_back({{"person_id", a.person}, {"primary", true}});
  for (const int64_t other : a.others) {
    participants.push_back({{"person_id", other}, {"primary", false}});
  }
  return {{"id", a.id},
          {"subject", a.subject},
          {"type", a.type},
          {"owner_id", a.owner},
          {"creator_user_id", a.owner},
          {"is_deleted", a.deleted},
          {"add_time", FormatRfc3339(a.add_time)},
          {"update_time", FormatRfc3339(a.update_time)},
          {"deal_id", id(a.deal)},
          {"lead_id", nullptr},
          {"person_id", id(a.person)},
          {"org_id", id(a.org)},
          {"project_id", nullptr},
          {"due_date", a.due_date.empty() ? json(nullptr) : json(a.due_date)},
          {"due_time", a.due_time.empty() ? json(nullptr) : json(a.due_time)},
          {"duration", nullptr},
          {"busy", false},
          {"done", a.done},
          {"marked_as_done_time", a.done ? json(FormatRfc3339(a.done_time)) : json(nullptr)},
          {"location", nullptr},
          {"participants", participants},
          {"conference_meeting_client", nullptr},
          {"public_description", nullptr},
          {"priority", nullptr},
          {"note", a.note.empty() ? json(nullptr) : json(a.note)}};
}

json LeadV1(const Lead& lead) {
  const auto id = [](int64_t value) { return value == 0 ? json(nullptr) : json(value); };
  json value = nullptr;
  if (lead.amount >= 0) value = {{"amount", lead.amount}, {"currency", lead.currency}};
  return {{"id", lead.id},
          {"title", lead.title},
          {"owner_id", lead.owner},
          {"creator_id", lead.owner},
          {"label_ids", lead.labels},
          {"person_id", id(lead.person)},
          {"organization_id", id(lead.org)},
          {"source_name", lead.source},
          {"origin", "API"},
          {"origin_id", nullptr},
          {"channel", nullptr},
          {"channel_id", nullptr},
          {"source_deal_id", nullptr},
          {"is_archived", lead.archived},
          {"was_seen", true},
          {"value", value},
          {"expected_close_date", nullptr},
          {"next_activity_id", nullptr},
          {"add_time", FormatIsoMillis(lead.add_millis)},
          {"update_time", FormatIsoMillis(lead.update_millis)},
          {"visible_to", "3"},
          {"cc_email", nullptr}};
}

}  // namespace sandbox
