// API v1: what has no v2 yet (users, leads, merge, recents, ...) and the old persons and
// organizations, "out of support" since 2026-08-01 but still answering (facts section 1).
#include <algorithm>

#include "pipedrive_json.h"
#include "pipedrive_validation.h"
#include "replies.h"
#include "routes.h"
#include "text.h"
#include "v1_paging.h"

namespace sandbox {
namespace {

using nlohmann::json;

// An offset walk over what `accept` lets through; rows shift when records come and go.
template <typename T, typename Accept, typename Append>
Reply OffsetList(const std::deque<T>& all, const Call& call, Accept accept, Append append) {
  const Paging paging = ParsePaging(call);
  if (!paging.wrong.empty()) return PipedriveFail(400, paging.wrong);
  std::string data;
  int64_t seen = 0;
  bool more = false;
  for (const T& record : all) {
    if (!accept(record)) continue;
    if (seen++ < paging.start) continue;
    if (seen > paging.start + paging.limit) {
      more = true;
      break;
    }
    if (!data.empty()) data += ',';
    append(data, record);
  }
  Reply reply;
  reply.body = R"({"success":true,"data":)" + (data.empty() ? "null" : "[" + data + "]") +
               R"(,"additional_data":{"pagination":)" + PagingJson(paging, more).dump() +
               R"(},"related_objects":{}})";
  return reply;
}

Reply ListPersons(PipedriveAccount& account, const Call& call) {
  const int64_t user = call.QueryInt("user_id", 0);
  const int64_t filter = call.QueryInt("filter_id", 0);
  return OffsetList(
      account.persons, call,
      [&](const Person& p) {
        return !p.deleted && (user == 0 || p.owner == user) && (filter != 2 || !p.emails.empty()) &&
               (filter != 3 || p.open_deals > 0);
      },
      [&](std::string& out, const Person& p) { AppendPersonV1(out, account, p); });
}

Reply GetPerson(PipedriveAccount& account, const Call& call) {
  const Person* person = account.FindPerson(call.ParamInt("id").value_or(0));
  if (person == nullptr) return PipedriveFail(404, "Person not found");
  Reply reply;
  reply.body = R"({"success":true,"data":)";
  AppendPersonV1(reply.body, account, *person);
  reply.body += R"(,"related_objects":{}})";
  return reply;
}

// v1 -> v2: email, phone, hashes at the top level; numbers may come as text.
json BodyToV2(const PipedriveAccount& account, const json& body) {
  json out = json::object();
  for (const auto& [key, value] : body.items()) {
    if (key == "email" || key == "phone") {
      json list = value;
      if (value.is_string()) list = json::array({{{"value", value}, {"primary", true}}});
      out[key + "s"] = list;
    } else if (account.fields.CustomIndex(key) >= 0) {
      const Field& field =
          account.fields.custom()[static_cast<size_t>(account.fields.CustomIndex(key))];
      json v2 = value;
      if (field.type == "enum" && value.is_string())
        v2 = ParseInteger(value.get<std::string>()).value_or(-1);
      out["custom_fields"][key] = v2;
    } else if (key == "visible_to" && value.is_string()) {
      out[key] = ParseInteger(value.get<std::string>()).value_or(0);
    } else if (key != "label") {
      out[key] = value;
    }
  }
  return out;
}

Reply WritePerson(World& world, const Call& call, bool create) {
  PipedriveAccount& account = world.pipedrive;
  const json body = BodyToV2(account, json::parse(call.request.body));
  const Refusal refusal = CheckPersonBody(account, body, create);
  if (refusal.status != 0) return PipedriveFail(refusal.status, refusal.message);
  Person* person = nullptr;
  if (create) {
    person = &account.CreatePerson(body, true);
  } else {
    person = account.FindPerson(call.ParamInt("id").value_or(0));
    if (person == nullptr || person->deleted) return PipedriveFail(404, "Person not found");
    account.PatchPerson(*person, body, true);
  }
  Reply reply;
  reply.status = create ? 201 : 200;
  reply.body = R"({"success":true,"data":)";
  AppendPersonV1(reply.body, account, *person);
  reply.body += R"(,"related_objects":{}})";
  return reply;
}

Reply DeletePerson(PipedriveAccount& account, const Call& call) {
  Person* person = account.FindPerson(call.ParamInt("id").value_or(0));
  if (person == nullptr || person->deleted) return PipedriveFail(404, "Person not found");
  account.DeletePerson(*person, true);
  return PipedriveOk({{"id", person->id}});
}

// Plain ids where the lists have objects (merge, recents).
json PlainPerson(PipedriveAccount& account, const Person& person) {
  std::string text;
  AppendPersonV1(text, account, person);
  json data = json::parse(text);
  data["owner_id"] = person.owner;
  data["org_id"] = person.org == 0 ? json(nullptr) : json(person.org);
  return data;
}

json PlainDeal(PipedriveAccount& account, const Deal& deal) {
  json data = DealV1(account, deal);
  data["user_id"] = data["creator_user_id"] = deal.owner;
  data["person_id"] = deal.person == 0 ? json(nullptr) : json(deal.person);
  data["org_id"] = deal.org == 0 ? json(nullptr) : json(deal.org);
  return data;
}

Reply Merge(PipedriveAccount& account, const Call& call) {
  Person* loser = account.FindPerson(call.ParamInt("id").value_or(0));
  const json body = json::parse(call.request.body);
  if (!body.is_object() || !body.contains("merge_with_id") ||
      !body["merge_with_id"].is_number_integer()) {
    return PipedriveFail(400, "merge_with_id is required");
  }
  Person* survivor = account.FindPerson(body["merge_with_id"]);
  if (loser == nullptr || survivor == nullptr || loser->deleted || survivor->deleted ||
      loser == survivor) {
    return PipedriveFail(404, "Person not found");
  }
  account.MergePersons(*loser, *survivor, true);
  json data = PlainPerson(account, *survivor);
  data["merge_what_id"] = loser->id;
  return PipedriveOk(data);
}

// At most one month back since 2024-12 (facts section 1), silently.
Reply Recents(World& world, const Call& call) {
  PipedriveAccount& account = world.pipedrive;
  std::string since_text = call.Query("since_timestamp").value_or("");
  if (since_text.size() == 19) since_text[10] = 'T';
  const auto since = ParseRfc3339Millis(since_text + "Z", false);
  if (!since) return PipedriveFail(400, "since_timestamp is required");
  const int64_t from = std::max(*since / 1000, world.clock.NowSeconds() - 31 * 86'400);
  const std::string items = call.Query("items").value_or("person,organization,deal");
  std::deque<std::pair<int64_t, json>> rows;
  if (Contains(items, "person")) {
    for (const Person& p : account.persons) {
      if (p.update_time < from) continue;
      rows.emplace_back(p.update_time,
                        json{{"item", "person"}, {"id", p.id}, {"data", PlainPerson(account, p)}});
    }
  }
  if (Contains(items, "deal")) {
    for (const Deal& d : account.deals) {
      if (d.update_time < from) continue;
      rows.emplace_back(d.update_time,
                        json{{"item", "deal"}, {"id", d.id}, {"data", PlainDeal(account, d)}});
    }
  }
  return OffsetList(
      rows, call, [](const auto&) { return true; },
      [](std::string& out, const auto& row) { out += Dump(row.second); });
}

Reply UsersMe(const World& world) {
  json me = UserV1(1, world.options.company_domain);
  me.update({{"company_id", world.options.company_id},
             {"company_name", "Sandbox " + world.options.company_domain},
             {"company_domain", world.options.company_domain},
             {"company_country", "DE"},
             {"company_industry", "IT Services"},
             {"language", {{"language_code", "en"}, {"country_code", "US"}}}});
  return PipedriveOk(me);
}

json Currencies() {
  json out = json::array();
  int id = 0;
  for (const auto& [code, symbol] : {std::pair("EUR", "€"), {"USD", "$"}, {"GBP", "£"}}) {
    out.push_back({{"id", ++id},
                   {"code", code},
                   {"name", code},
                   {"decimal_points", 2},
                   {"symbol", symbol},
                   {"active_flag", true},
                   {"is_custom_flag", false}});
  }
  return out;
}

json ActivityTypes() {
  json out = json::array();
  int id = 0;
  for (const char* key : {"call", "meeting", "task", "deadline", "email", "lunch"}) {
    ++id;
    std::string name = key;
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    out.push_back({{"id", id},
                   {"name", name},
                   {"icon_key", key},
                   {"color", "FFFFFF"},
                   {"order_nr", id},
                   {"key_string", key},
                   {"active_flag", true},
                   {"is_custom_flag", false},
                   {"add_time", "2020-01-01 00:00:00"},
                   {"update_time", nullptr}});
  }
  return out;
}

// The v1 form of a row: other names for the same things.
json Renamed(json row, bool stage) {
  row[stage ? "active_flag" : "active"] = true;
  row.erase("is_deleted");
  if (stage) {
    row["rotten_flag"] = row["is_deal_rot_enabled"];
    row["rotten_days"] = row["days_to_rotten"];
    row.erase("is_deal_rot_enabled");
    row.erase("days_to_rotten");
  } else {
    row["deal_probability"] = row["is_deal_probability_enabled"];
    row["url_title"] = row["name"];
    row.erase("is_deal_probability_enabled");
  }
  for (const char* time : {"add_time", "update_time"}) {
    if (row[time].is_string()) row[time] = "2020-01-01 00:00:00";
  }
  return row;
}

Reply RowsV1(const json& rows, bool stage) {
  json out = json::array();
  for (const json& row : rows) out.push_back(Renamed(row, stage));
  return PipedriveOk(out);
}

Reply ListDealsV1(PipedriveAccount& account, const Call& call, bool archived) {
  const std::string status = call.Query("status").value_or("all_not_deleted");
  const std::string known = "open won lost deleted all_not_deleted";
  if (status.empty() || known.find(status) == std::string::npos) {
    return PipedriveFail(400, "status is none of " + known);
  }
  const int64_t stage = call.QueryInt("stage_id", 0);
  return OffsetList(
      account.deals, call,
      [&](const Deal& d) {
        const std::string own = DealV2(d)["status"];
        const bool fits = status == "all_not_deleted" ? !d.deleted : own == status;
        return fits && d.archived == archived && (stage == 0 || d.stage == stage);
      },
      [&](std::string& out, const Deal& d) { out += Dump(DealV1(account, d)); });
}

void AddOldDealRoutes(PipedriveAccount& account, Router& router) {
  std::vector<std::string> list = {"user_id", "filter_id", "stage_id", "status",
                                   "start",   "limit",     "sort",     "owned_by_you"};
  router.Add({"GET", "/api/v1/deals", list, 20,
              [&account](const Call& call) { return ListDealsV1(account, call, false); }});
  list.insert(list.end(), {"person_id", "org_id", "product_id", "pipeline_id"});
  router.Add({"GET", "/api/v1/deals/archived", list, 40,
              [&account](const Call& call) { return ListDealsV1(account, call, true); }});
  router.Add({"GET", "/api/v1/deals/{id}", {}, 2, [&account](const Call& call) {
                const Deal* deal = account.FindDeal(call.ParamInt("id").value_or(0));
                return deal == nullptr ? PipedriveFail(404, "Deal not found")
                                       : PipedriveOk(DealV1(account, *deal));
              }});
  router.Add({"GET", "/api/v1/pipelines", {}, 10, [](const Call&) {
                return RowsV1(PipelinesV2(), false);
              }});
  router.Add({"GET", "/api/v1/stages", {"pipeline_id", "start", "limit"}, 10, [](const Call& call) {
                return RowsV1(StagesV2(call.QueryInt("pipeline_id", 0)), true);
              }});
}

// As v1 names things.
json ActivityV1(const Activity& activity) {
  json row = ActivityV2(activity);
  row["user_id"] = row["owner_id"];
  row["active_flag"] = !activity.deleted;
  for (const char* name : {"owner_id", "creator_user_id", "is_deleted", "priority"})
    row.erase(name);
  for (json& who : row["participants"]) {
    who["primary_flag"] = who["primary"];
    who.erase("primary");
  }
  for (const char* time : {"add_time", "update_time", "marked_as_done_time"}) {
    if (!row[time].is_string()) continue;
    std::string text = row[time];
    text[10] = ' ';
    row[time] = text.substr(0, 19);
  }
  return row;
}

void AddOldActivityRoutes(PipedriveAccount& account, Router& router) {
  const std::vector<std::string> list = {"user_id", "filter_id",  "type",     "limit",
                                         "start",   "start_date", "end_date", "done"};
  // Without user_id, or with the user's own, only that user's: user 1 has the credential.
  router.Add(
      {"GET", "/api/v1/activities", list, 20, [&account](const Call& call) {
         const int64_t user = call.QueryInt("user_id", 1);
         return OffsetList(
             account.activities, call,
             [user](const Activity& a) { return !a.deleted && (user == 0 || a.owner == user); },
             [](std::string& out, const Activity& a) { out += Dump(ActivityV1(a)); });
       }});
  router.Add({"GET", "/api/v1/activities/{id}", {}, 2, [&account](const Call& call) {
                const Activity* a = account.FindActivity(call.ParamInt("id").value_or(0));
                return a == nullptr || a->deleted ? PipedriveFail(404, "Activity not found")
                                                  : PipedriveOk(ActivityV1(*a));
              }});
}

void AddOldRecordRoutes(World& world, Router& router) {
  PipedriveAccount& account = world.pipedrive;
  const std::vector<std::string> list = {"user_id", "filter_id", "first_char",
                                         "start",   "limit",     "sort"};
  router.Add({"GET", "/api/v1/persons", list, 20,
              [&](const Call& call) { return ListPersons(account, call); }});
  router.Add({"POST", "/api/v1/persons", {}, 10, [&](const Call& call) {
                return WritePerson(world, call, true);
              }});
  router.Add({"GET", "/api/v1/persons/{id}", {}, 2, [&](const Call& call) {
                return GetPerson(account, call);
              }});
  router.Add({"PUT", "/api/v1/persons/{id}", {}, 10, [&](const Call& call) {
                return WritePerson(world, call, false);
              }});
  router.Add({"DELETE", "/api/v1/persons/{id}", {}, 6, [&](const Call& call) {
                return DeletePerson(account, call);
              }});
  router.Add({"GET", "/api/v1/organizations", list, 20, [&](const Call& call) {
                return OffsetList(
                    account.organizations, call, [](const Organization& o) { return !o.deleted; },
                    [&](std::string& out, const Organization& o) {
                      out += Dump(OrganizationV1(account, o));
                    });
              }});
  router.Add({"GET", "/api/v1/organizations/{id}", {}, 2, [&](const Call& call) {
                const Organization* o = account.FindOrganization(call.ParamInt("id").value_or(0));
                return o == nullptr || o->deleted ? PipedriveFail(404, "Organization not found")
                                                  : PipedriveOk(OrganizationV1(account, *o));
              }});
  AddOldActivityRoutes(account, router);
  AddOldDealRoutes(account, router);
}

}  // namespace

void AddPipedriveV1Routes(World& world, Router& router) {
  AddOldRecordRoutes(world, router);
  PipedriveAccount& account = world.pipedrive;
  router.Add({"PUT", "/api/v1/persons/{id}/merge", {}, 40, [&account](const Call& call) {
                return Merge(account, call);
              }});
  router.Add({"GET",
              "/api/v1/recents",
              {"since_timestamp", "items", "start", "limit"},
              20,
              [&world](const Call& call) { return Recents(world, call); }});
  router.Add({"GET", "/api/v1/users/me", {}, 2, [&world](const Call&) { return UsersMe(world); }});
  router.Add({"GET", "/api/v1/users", {}, 20, [&world](const Call&) {
                json out = json::array();
                for (int id = 1; id <= 3; ++id) {
                  out.push_back(UserV1(id, world.options.company_domain));
                }
                return PipedriveOk(out);
              }});
  router.Add({"GET", "/api/v1/currencies", {"term"}, 20, [](const Call&) {
                return PipedriveOk(Currencies());
              }});
  router.Add({"GET", "/api/v1/activityTypes", {}, 20, [](const Call&) {
                return PipedriveOk(ActivityTypes());
              }});
}

}  // namespace sandbox
