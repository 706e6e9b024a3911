// API v2: search. Eventually consistent: a written person is found only after a while.
#include <algorithm>
#include <set>

#include "pipedrive_json.h"
#include "pipedrive_listing.h"
#include "replies.h"
#include "routes.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

struct SearchQuery {
  std::string term;  // lower case
  bool exact = false;
  std::set<std::string> fields, types;
  int64_t limit = 100, offset = 0;
};

Reply Invalid(const std::string& message) {
  return PipedriveFail(400, message, "ERR_SCHEMA_VALIDATION_FAILED");
}

std::string Parse(const Call& call, int64_t max_limit, SearchQuery& query) {
  query.term = Lower(call.Query("term").value_or(""));
  query.exact = call.QueryTrue("exact_match");
  if (query.term.size() < (query.exact ? 1U : 2U)) return "term must have at least 2 characters";
  for (const std::string& f : SplitComma(call.Query("fields").value_or(""))) query.fields.insert(f);
  for (const std::string& t : SplitComma(call.Query("item_types").value_or(""))) {
    query.types.insert(t);
  }
  if (const auto text = call.Query("limit")) {
    const auto limit = ParseInteger(*text);
    if (!limit || *limit < 1 || *limit > max_limit) {
      return "limit must be an integer from 1 to " + std::to_string(max_limit);
    }
    query.limit = *limit;
  }
  if (const auto text = call.Query("cursor")) {
    const auto decoded = Base64Decode(*text);
    const auto offset = decoded ? ParseInteger(*decoded) : std::nullopt;
    if (!offset || *offset < 0) return "Invalid cursor";
    query.offset = *offset;
  }
  return "";
}

class Searcher {
 public:
  Searcher(PipedriveAccount& account, const SearchQuery& query, int64_t now)
      : account_(account), query_(query), now_(now) {}

  json Persons(int64_t organization) const {
    json out = json::array();
    for (const Person& p : account_.persons) {
      if (p.deleted || p.found_from > now_ || (organization != 0 && p.org != organization))
        continue;
      const double score = PersonScore(p);
      if (score > 0) out.push_back({{"result_score", score}, {"item", PersonItem(p)}});
    }
    return out;
  }

  json Organizations() const {
    json out = json::array();
    for (const Organization& o : account_.organizations) {
      if (o.deleted || !(Wants("name") && Fits(o.name))) continue;
      out.push_back({{"result_score", 0.5},
                     {"item",
                      {{"id", o.id},
                       {"type", "organization"},
                       {"name", o.name},
                       {"address", o.address.empty() ? json(nullptr) : json(o.address)},
                       {"visible_to", 3},
                       {"owner", {{"id", o.owner}}},
                       {"custom_fields", json::array()},
                       {"notes", json::array()}}}});
    }
    return out;
  }

  json Deals() const {
    json out = json::array();
    for (const Deal& d : account_.deals) {
      if (d.deleted || d.archived || !(Wants("title") && Fits(DealTitle(d)))) continue;
      const json v2 = DealV2(d);
      json person = nullptr;
      if (const Person* p = account_.FindPerson(d.person)) {
        person = {{"id", p->id}, {"name", p->name}};
      }
      out.push_back({{"result_score", 0.4},
                     {"item",
                      {{"id", d.id},
                       {"type", "deal"},
                       {"title", v2["title"]},
                       {"value", v2["value"]},
                       {"currency", d.currency},
                       {"status", v2["status"]},
                       {"visible_to", 3},
                       {"owner", {{"id", d.owner}}},
                       {"stage", {{"id", d.stage}}},
                       {"person", person},
                       {"organization", nullptr},
                       {"custom_fields", json::array()},
                       {"notes", json::array()}}}});
    }
    return out;
  }

 private:
  bool Wants(const char* field) const {
    return query_.fields.empty() || query_.fields.count(field) > 0;
  }

  // Neither way is case-sensitive.
  bool Fits(const std::string& value) const {
    const std::string lower = Lower(value);
    return query_.exact ? lower == query_.term : Contains(lower, query_.term);
  }

  double PersonScore(const Person& p) const {
    const auto any = [this](const std::vector<ContactPoint>& points) {
      return std::any_of(points.begin(), points.end(),
                         [this](const ContactPoint& point) { return Fits(point.value); });
    };
    if (Wants("name") && Fits(p.name)) return Lower(p.name) == query_.term ? 1.2 : 0.6;
    if (Wants("email") && any(p.emails)) return 0.5;
    return Wants("phone") && any(p.phones) ? 0.3 : 0;
  }

  json PersonItem(const Person& p) const {
    json emails = json::array();
    json phones = json::array();
    for (const bool primary : {true, false}) {
      for (const ContactPoint& e : p.emails) {
        if (e.primary == primary) emails.push_back(e.value);
      }
      for (const ContactPoint& e : p.phones) {
        if (e.primary == primary) phones.push_back(e.value);
      }
    }
    json organization = nullptr;
    if (const Organization* o = account_.FindOrganization(p.org)) {
      organization = {{"id", o->id},
                      {"name", o->name},
                      {"address", o->address.empty() ? json(nullptr) : json(o->address)}};
    }
    return {{"id", p.id},
            {"type", "person"},
            {"name", p.name},
            {"phones", phones},
            {"emails", emails},
            {"primary_email", emails.empty() ? json(nullptr) : emails[0]},
            {"visible_to", p.visible_to},
            {"owner", {{"id", p.owner}}},
            {"organization", organization},
            {"custom_fields", json::array()},
            {"notes", json::array()}};
  }

  PipedriveAccount& account_;
  const SearchQuery& query_;
  const int64_t now_;
};

Reply Results(const SearchQuery& query, json all, bool with_related) {
  std::stable_sort(all.begin(), all.end(), [](const json& a, const json& b) {
    return a["result_score"].get<double>() > b["result_score"].get<double>();
  });
  json items = json::array();
  const int64_t end = query.offset + query.limit;
  for (int64_t i = query.offset; i < end && i < static_cast<int64_t>(all.size()); ++i) {
    items.push_back(std::move(all[static_cast<size_t>(i)]));
  }
  json cursor = nullptr;
  if (end < static_cast<int64_t>(all.size())) cursor = Base64Encode(std::to_string(end));
  json data = {{"items", items}};
  if (with_related) data["related_items"] = json::array();
  return JsonReply(
      200, {{"success", true}, {"data", data}, {"additional_data", {{"next_cursor", cursor}}}});
}

Reply SearchPersons(World& world, const Call& call) {
  SearchQuery query;
  if (std::string wrong = Parse(call, 500, query); !wrong.empty()) return Invalid(wrong);
  const Searcher searcher(world.pipedrive, query, world.clock.NowSeconds());
  return Results(query, searcher.Persons(call.QueryInt("organization_id", 0)), false);
}

Reply SearchItems(World& world, const Call& call) {
  SearchQuery query;
  if (std::string wrong = Parse(call, 100, query); !wrong.empty()) return Invalid(wrong);
  const std::set<std::string> known = {"deal", "person", "organization",    "product",
                                       "lead", "file",   "mail_attachment", "project"};
  for (const std::string& type : query.types) {
    if (known.count(type) == 0) return Invalid("item_types: unknown " + type);
  }
  const Searcher searcher(world.pipedrive, query, world.clock.NowSeconds());
  const auto wants = [&query](const char* type) {
    return query.types.empty() || query.types.count(type) > 0;
  };
  json all = json::array();
  const auto add = [&all](const json& found) { all.insert(all.end(), found.begin(), found.end()); };
  if (wants("person")) add(searcher.Persons(0));
  if (wants("organization")) add(searcher.Organizations());
  if (wants("deal")) add(searcher.Deals());
  return Results(query, std::move(all), true);
}

}  // namespace

void AddPipedriveSearchRoutes(World& world, Router& router) {
  router.Add(
      {"GET",
       "/api/v2/persons/search",
       {"term", "fields", "exact_match", "organization_id", "include_fields", "limit", "cursor"},
       20,
       [&world](const Call& call) { return SearchPersons(world, call); }});
  router.Add({"GET",
              "/api/v2/itemSearch",
              {"term", "item_types", "fields", "search_for_related_items", "exact_match",
               "include_fields", "limit", "cursor"},
              20,
              [&world](const Call& call) { return SearchItems(world, call); }});
}

}  // namespace sandbox
