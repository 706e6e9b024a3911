// API v2: /persons.
#include <array>

#include "pipedrive_json.h"
#include "pipedrive_listing.h"
#include "pipedrive_validation.h"
#include "replies.h"
#include "routes.h"

namespace sandbox {
namespace {

using nlohmann::json;

constexpr int64_t kMaxLimit = 500;
constexpr size_t kMaxCustomKeys = 15;

constexpr std::array<const char*, 24> kIncludable = {"next_activity_id",
                                                     "last_activity_id",
                                                     "open_deals_count",
                                                     "related_open_deals_count",
                                                     "closed_deals_count",
                                                     "related_closed_deals_count",
                                                     "participant_open_deals_count",
                                                     "participant_closed_deals_count",
                                                     "email_messages_count",
                                                     "activities_count",
                                                     "done_activities_count",
                                                     "undone_activities_count",
                                                     "files_count",
                                                     "notes_count",
                                                     "followers_count",
                                                     "won_deals_count",
                                                     "related_won_deals_count",
                                                     "lost_deals_count",
                                                     "related_lost_deals_count",
                                                     "last_incoming_mail_time",
                                                     "last_outgoing_mail_time",
                                                     "marketing_status",
                                                     "doi_status",
                                                     "smart_bcc_email"};

Reply Invalid(const std::string& message) {
  return PipedriveFail(400, message, "ERR_SCHEMA_VALIDATION_FAILED");
}

std::string ParseFlag(const Call& call, const char* name, bool& out) {
  const auto text = call.Query(name);
  if (text && *text != "true" && *text != "false") {
    return std::string(name) + " must be true or false";
  }
  out = text == "true";
  return "";
}

std::string ParseView(const PipedriveAccount& account, const Call& call, PersonView& view) {
  if (const auto text = call.Query("include_fields")) {
    view.include = SplitComma(*text);
    for (const std::string& name : view.include) {
      if (std::find(kIncludable.begin(), kIncludable.end(), name) == kIncludable.end()) {
        return "include_fields: unknown field " + name;
      }
    }
  }
  if (const auto text = call.Query("custom_fields")) {
    view.all_custom = false;
    const std::vector<std::string> keys = SplitComma(*text);
    if (keys.empty() || keys.size() > kMaxCustomKeys) return "custom_fields: 1 to 15 keys";
    for (const std::string& key : keys) {
      const int index = account.fields.CustomIndex(key);
      if (index < 0) return "custom_fields: unknown field " + key;
      view.custom.push_back(index);
    }
  }
  bool labels = false;
  std::string wrong = ParseFlag(call, "include_option_labels", view.option_labels);
  if (wrong.empty()) wrong = ParseFlag(call, "include_labels", labels);
  return wrong;
}

// The saved filters of the account: 1 everybody, 2 with an e-mail, 3 with an open deal.
bool PassesFilter(const Person& person, int64_t filter) {
  return filter == 1 || (filter == 2 && !person.emails.empty()) ||
         (filter == 3 && person.open_deals > 0);
}

Reply List(PipedriveAccount& account, const Call& call) {
  ListQuery query;
  PersonView view;
  std::string wrong = ParseListQuery(call, kMaxLimit, query);
  if (wrong.empty()) wrong = ParseView(account, call, view);
  if (!wrong.empty()) return Invalid(wrong);
  const int64_t filter = call.QueryInt("filter_id", 0);
  if (query.by_filter && (filter < 1 || filter > 3)) return PipedriveFail(404, "Filter not found");
  const int64_t owner = call.QueryInt("owner_id", 0);
  const int64_t org = call.QueryInt("org_id", 0);
  int64_t only = 0;
  if (const int64_t deal_id = call.QueryInt("deal_id", 0); deal_id != 0) {
    const Deal* deal = account.FindDeal(deal_id);
    only = deal == nullptr || deal->person == 0 ? -1 : deal->person;
  }
  const auto page = SelectPage(account.persons, query, [&](const Person& p) {
    if (p.deleted) return false;
    if (query.by_filter) return PassesFilter(p, filter);
    return (owner == 0 || p.owner == owner) && (org == 0 || p.org == org) &&
           (only == 0 || p.id == only);
  });
  std::string data;
  data.reserve(page.records.size() * (view.all_custom ? 4800 : 1000));
  for (const Person* person : page.records) {
    if (!data.empty()) data += ',';
    AppendPersonV2(data, account, *person, view);
  }
  return ListReply(std::move(data), page.next_cursor);
}

Reply PersonReply(const PipedriveAccount& account, const Person& person, const PersonView& view) {
  Reply reply;
  reply.body = "{\"success\":true,\"data\":";
  AppendPersonV2(reply.body, account, person, view);
  reply.body += '}';
  return reply;
}

// A deleted person can still be read by id for 30 days, with is_deleted.
Reply Get(PipedriveAccount& account, const Call& call) {
  const Person* person = account.FindPerson(call.ParamInt("id").value_or(0));
  if (person == nullptr) return PipedriveFail(404, "Person not found");
  PersonView view;
  const std::string wrong = ParseView(account, call, view);
  return wrong.empty() ? PersonReply(account, *person, view) : Invalid(wrong);
}

Reply Create(World& world, const Call& call) {
  PipedriveAccount& account = world.pipedrive;
  const json body = json::parse(call.request.body);
  const Refusal refusal = CheckPersonBody(account, body, true);
  if (refusal.status != 0) return PipedriveFail(refusal.status, refusal.message, refusal.code);
  for (const json& email : body.value("emails", json::array())) {
    if (!account.HasEmail(email["value"])) continue;
    ++world.stats.duplicate_persons;
    break;
  }
  return PersonReply(account, account.CreatePerson(body, true), PersonView());
}

Reply Patch(PipedriveAccount& account, const Call& call) {
  Person* person = account.FindPerson(call.ParamInt("id").value_or(0));
  if (person == nullptr || person->deleted) return PipedriveFail(404, "Person not found");
  const json body = json::parse(call.request.body);
  const Refusal refusal = CheckPersonBody(account, body, false);
  if (refusal.status != 0) return PipedriveFail(refusal.status, refusal.message, refusal.code);
  account.PatchPerson(*person, body, true);
  return PersonReply(account, *person, PersonView());
}

Reply Delete(PipedriveAccount& account, const Call& call) {
  Person* person = account.FindPerson(call.ParamInt("id").value_or(0));
  if (person == nullptr || person->deleted) return PipedriveFail(404, "Person not found");
  account.DeletePerson(*person, true);
  return PipedriveOk({{"id", person->id}});
}

}  // namespace

void AddPipedrivePersonRoutes(World& world, Router& router) {
  PipedriveAccount& account = world.pipedrive;
  std::vector<std::string> list = kListParameters;
  list.insert(list.end(), {"org_id", "deal_id"});
  const std::vector<std::string> view = {"include_fields", "custom_fields", "include_option_labels",
                                         "include_labels"};
  router.Add({"GET", "/api/v2/persons", list, 10,
              [&account](const Call& call) { return List(account, call); }});
  router.Add({"POST", "/api/v2/persons", {}, 5, [&world](const Call& call) {
                return Create(world, call);
              }});
  router.Add({"GET", "/api/v2/persons/{id}", view, 1,
              [&account](const Call& call) { return Get(account, call); }});
  router.Add({"PATCH", "/api/v2/persons/{id}", {}, 5, [&account](const Call& call) {
                return Patch(account, call);
              }});
  router.Add({"DELETE", "/api/v2/persons/{id}", {}, 3, [&account](const Call& call) {
                return Delete(account, call);
              }});
}

}  // namespace sandbox
