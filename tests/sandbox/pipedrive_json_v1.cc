// The old shapes: custom fields at the top level, owner and organization expanded, counts always
// there, times as "YYYY-MM-DD HH:MM:SS" (facts/pipedrive.md section 3).
#include <algorithm>

#include "pipedrive_json.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

json OwnerV1(int64_t id, const std::string& domain) {
  return {{"id", id},
          {"name", UserName(id)},
          {"email", "user" + std::to_string(id) + "@" + domain + ".example"},
          {"has_pic", 0},
          {"pic_hash", nullptr},
          {"active_flag", true},
          {"value", id}};
}

json PointsV1(const std::vector<ContactPoint>& points) {
  json out = json::array();
  for (const ContactPoint& point : points) {
    out.push_back({{"label", point.label}, {"value", point.value}, {"primary", point.primary}});
  }
  // Without any, v1 sends one empty entry instead of an empty list.
  if (points.empty()) out.push_back({{"value", ""}, {"primary", true}});
  return out;
}

std::string JoinIds(const json& ids) {
  std::string out;
  for (const json& id : ids) out += (out.empty() ? "" : ",") + id.dump();
  return out;
}

json OrgOfPerson(PipedriveAccount& account, const Person& person) {
  const Organization* org = account.FindOrganization(person.org);
  if (org == nullptr) return nullptr;
  return {{"name", org->name},
          {"people_count", org->people},
          {"owner_id", org->owner},
          {"address", org->address.empty() ? json(nullptr) : json(org->address)},
          {"active_flag", !org->deleted},
          {"cc_email", account.options().company_domain + "@pipedrivemail.com"},
          {"value", org->id}};
}

std::string PrimaryEmail(const Person& person) {
  for (const ContactPoint& point : person.emails) {
    if (point.primary) return point.value;
  }
  return "";
}

}  // namespace

void AddCustomV1(json& out, const Field& field, const json& value) {
  const std::string& key = field.key;
  const auto member = [&value](const char* name) {
    return value.is_object() && value.contains(name) ? value[name] : json(nullptr);
  };
  const bool null = value.is_null();
  if (field.type == "enum") {
    out[key] = null ? json(nullptr) : json(value.dump());
  } else if (field.type == "set") {
    out[key] = null ? json(nullptr) : json(JoinIds(value));
  } else if (field.type == "monetary") {
    out[key] = member("value");
    out[key + "_currency"] = member("currency");
  } else if (field.type == "daterange") {
    out[key] = member("value");
    out[key + "_until"] = member("until");
  } else if (field.type == "time" || field.type == "timerange") {
    out[key] = member("value");
    out[key + "_timezone_id"] = member("timezone_id");
    if (field.type == "timerange") out[key + "_until"] = member("until");
  } else if (field.type == "address") {
    out[key] = member("value");
    for (const char* part : {"country", "locality", "route", "street_number", "postal_code"}) {
      out[key + "_" + part] = member(part);
    }
    out[key + "_formatted_address"] = member("value");
  } else {
    out[key] = value;
  }
}

std::string UserName(int64_t id) {
  constexpr const char* kNames[] = {"Ada Admin", "Sven Sales", "Rita Rep"};
  return kNames[(id - 1) % 3];
}

void AppendPersonV1(std::string& out, PipedriveAccount& account, const Person& p) {
  const json org = OrgOfPerson(account, p);
  const std::string email = PrimaryEmail(p);
  const int closed = p.won_deals + p.lost_deals;
  json j = {{"id", p.id},
            {"company_id", account.options().company_id},
            {"owner_id", OwnerV1(p.owner, account.options().company_domain)},
            {"org_id", org},
            {"name", p.name},
            {"first_name", p.FirstName()},
            {"last_name", p.LastName().empty() ? json(nullptr) : json(p.LastName())},
            {"email_messages_count", 0},
            {"files_count", 0},
            {"notes_count", 0},
            {"followers_count", 1},
            {"active_flag", !p.deleted},
            {"phone", PointsV1(p.phones)},
            {"email", PointsV1(p.emails)},
            {"primary_email", email.empty() ? json(nullptr) : json(email)},
            {"first_char", Lower(p.name.substr(0, 1))},
            {"add_time", FormatSqlTime(p.add_time)},
            {"update_time", FormatSqlTime(p.update_time)},
            {"visible_to", std::to_string(p.visible_to)},
            {"picture_id", nullptr},
            {"label", p.labels.empty() ? json(nullptr) : json(p.labels.front())},
            {"label_ids", p.labels},
            {"org_name", org.is_null() ? json(nullptr) : org["name"]},
            {"owner_name", UserName(p.owner)},
            {"cc_email", account.options().company_domain + "@pipedrivemail.com"}};
  for (const char* name :
       {"last_incoming_mail_time", "last_outgoing_mail_time", "next_activity_date",
        "next_activity_time", "next_activity_id", "last_activity_id", "last_activity_date"}) {
    j[name] = nullptr;
  }
  for (const std::string prefix : {"", "related_"}) {
    j[prefix + "open_deals_count"] = prefix.empty() ? p.open_deals : 0;
    j[prefix + "won_deals_count"] = prefix.empty() ? p.won_deals : 0;
    j[prefix + "lost_deals_count"] = prefix.empty() ? p.lost_deals : 0;
    j[prefix + "closed_deals_count"] = prefix.empty() ? closed : 0;
  }
  j["participant_open_deals_count"] = 0;
  j["participant_closed_deals_count"] = 0;
  j["activities_count"] = p.activities;
  j["done_activities_count"] = 0;
  j["undone_activities_count"] = p.activities;
  for (size_t i = 0; i < account.fields.custom().size(); ++i) {
    AddCustomV1(j, account.fields.custom()[i],
                json::parse(account.CustomValue(p, static_cast<int>(i))));
  }
  // Names came from a caller: what isn't UTF-8 must not end the process.
  out += j.dump(-1, ' ', false, json::error_handler_t::replace);
}

json OrganizationV1(const PipedriveAccount& account, const Organization& o) {
  return {{"id", o.id},
          {"company_id", account.options().company_id},
          {"owner_id", OwnerV1(o.owner, account.options().company_domain)},
          {"name", o.name},
          {"active_flag", !o.deleted},
          {"picture_id", nullptr},
          {"country_code", nullptr},
          {"first_char", Lower(o.name.substr(0, 1))},
          {"add_time", FormatSqlTime(o.add_time)},
          {"update_time", FormatSqlTime(o.update_time)},
          {"visible_to", "3"},
          {"label", nullptr},
          {"label_ids", o.labels},
          {"owner_name", UserName(o.owner)},
          {"cc_email", account.options().company_domain + "@pipedrivemail.com"},
          {"people_count", o.people},
          {"address", o.address.empty() ? json(nullptr) : json(o.address)},
          {"open_deals_count", 0},
          {"won_deals_count", 0},
          {"lost_deals_count", 0},
          {"closed_deals_count", 0}};
}

json DealV1(PipedriveAccount& account, const Deal& d) {
  const json v2 = DealV2(d);
  json person = nullptr;
  if (const Person* p = account.FindPerson(d.person)) {
    person = {{"active_flag", !p->deleted},   {"name", p->name},
              {"email", PointsV1(p->emails)}, {"phone", PointsV1(p->phones)},
              {"owner_id", p->owner},         {"value", p->id}};
  }
  json org = nullptr;
  if (const Organization* o = account.FindOrganization(d.org)) {
    org = {{"name", o->name},    {"people_count", o->people},  {"owner_id", o->owner},
           {"address", nullptr}, {"active_flag", !o->deleted}, {"cc_email", nullptr},
           {"value", o->id}};
  }
  const auto time = [](int64_t s) { return s == 0 ? json(nullptr) : json(FormatSqlTime(s)); };
  json user = OwnerV1(d.owner, account.options().company_domain);
  user["has_pic"] = false;  // a number elsewhere
  return {{"id", d.id},
          {"title", v2["title"]},
          {"value", d.value},
          {"currency", d.currency},
          {"user_id", user},
          {"creator_user_id", user},
          {"person_id", person},
          {"org_id", org},
          {"pipeline_id", d.pipeline},
          {"stage_id", d.stage},
          {"status", v2["status"]},
          {"active", d.status == DealStatus::kOpen && !d.deleted},
          {"deleted", d.deleted},
          {"is_archived", d.archived},
          {"probability", v2["probability"]},
          {"lost_reason", v2["lost_reason"]},
          {"add_time", time(d.add_time)},
          {"update_time", time(d.update_time)},
          {"stage_change_time", time(d.stage_time)},
          {"close_time", time(d.close_time)},
          {"won_time", d.status == DealStatus::kWon ? time(d.close_time) : json(nullptr)},
          {"lost_time", d.status == DealStatus::kLost ? time(d.close_time) : json(nullptr)},
          {"expected_close_date", v2["expected_close_date"]},
          {"visible_to", "3"},
          {"label", nullptr},
          {"person_name", person.is_null() ? json(nullptr) : person["name"]},
          {"org_name", org.is_null() ? json(nullptr) : org["name"]},
          {"owner_name", UserName(d.owner)},
          {"cc_email", nullptr}};
}

json UserV1(int64_t id, const std::string& domain) {
  return {
      {"id", id},
      {"name", UserName(id)},
      {"default_currency", "EUR"},
      {"locale", "de_DE"},
      {"lang", 1},
      {"email", "user" + std::to_string(id) + "@" + domain + ".example"},
      {"phone", nullptr},
      {"activated", true},
      {"last_login", "2026-11-20 08:00:00"},
      {"created", "2020-01-01 00:00:00"},
      {"modified", "2026-11-20 08:00:00"},
      {"has_created_company", id == 1},
      {"active_flag", true},
      {"access", json::array({{{"app", "sales"},
                               {"admin", id == 1},
                               {"permission_set_id", "62cc4d7f-4038-4352-abf3-a8c1c822b631"}},
                              {{"app", "global"},
                               {"admin", id == 1},
                               {"permission_set_id", "233b7976-39bd-43a9-b305-ef3a2b0998e5"}}})},
      {"timezone_name", "Europe/Berlin"},
      {"timezone_offset", "+01:00"},
      {"role_id", 1},
      {"icon_url", nullptr},
      {"is_you", id == 1},
      {"is_deleted", false}};
}

}  // namespace sandbox
