// Search, in API v2 and, for items, in v1, which differs by its paging. Eventually consistent: a
// written person is found only after a while.
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
  bool exact = false, related = false;
  std::set<std::string> fields, types;
  int64_t limit = 100, offset = 0;
};

Reply Invalid(const std::string& message) {
  return PipedriveFail(400, message, "ERR_SCHEMA_VALIDATION_FAILED");
}

// Code points, not bytes.
int64_t Characters(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

// Names out of a comma-separated list that aren't known: the first of them, or "".
std::string Unknown(const std::set<std::string>& names, const std::set<std::string>& known) {
  for (const std::string& name : names) {
    if (known.count(name) == 0) return name;
  }
  return "";
}

std::string ParsePage(const Call& call, bool v1, int64_t max_limit, SearchQuery& query) {
  if (const auto text = call.Query("limit")) {
    const auto limit = ParseInteger(*text);
    if (!limit || *limit < 1 || *limit > max_limit) {
      return "limit must be an integer from 1 to " + std::to_string(max_limit);
    }
    query.limit = *limit;
  }
  if (const auto text = call.Query(v1 ? "start" : "cursor")) {
    const auto decoded = v1 ? text : Base64Decode(*text);
    const auto offset = decoded ? ParseInteger(*decoded) : std::nullopt;
    if (!offset || *offset < 0) return v1 ? "start must be a number" : "Invalid cursor";
    query.offset = *offset;
  }
  return "";
}

std::string Parse(const Call& call, SearchQuery& query) {
  static const std::set<std::string> kFields = {"address",     "code",  "custom_fields",
                                                "description", "email", "name",
                                                "notes",       "phone", "title"};
  static const std::set<std::string> kTypes = {"deal", "person", "organization",    "product",
                                               "lead", "file",   "mail_attachment", "project"};
  query.term = Lower(call.Query("term").value_or(""));
  query.exact = call.QueryTrue("exact_match");
  query.related = call.QueryTrue("search_for_related_items");
  if (Characters(query.term) < (query.exact ? 1 : 2)) return "term must have at least 2 characters";
  for (const std::string& f : SplitComma(call.Query("fields").value_or(""))) query.fields.insert(f);
  for (const std::string& t : SplitComma(call.Query("item_types").value_or(""))) {
    query.types.insert(t);
  }
  if (const auto name = Unknown(query.fields, kFields); !name.empty()) {
    return "fields: unknown " + name;
  }
  const auto name = Unknown(query.types, kTypes);
  return name.empty() ? "" : "item_types: unknown " + name;
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
      if (d.deleted || !(Wants("title") && Fits(DealTitle(d)))) continue;
      out.push_back({{"result_score", 0.4}, {"item", DealItem(d)}});
    }
    return out;
  }

  json Leads() const {
    json out = json::array();
    for (const Lead& l : account_.leads) {
      if (Wants("title") && Fits(l.title)) {
        out.push_back({{"result_score", 0.35}, {"item", LeadItem(l)}});
      }
    }
    return out;
  }

  // The newest 100 deals and leads of each person and organization found, and the newest 100
  // persons of each organization.
  json Related(const json& items) const {
    json out = json::array();
    for (const json& found : items) {
      const json& item = found["item"];
      const bool person = item["type"] == "person";
      if (!person && item["type"] != "organization") continue;
      const int64_t id = item["id"];
      const auto fits = [&](const auto& record) {
        return (person ? record.person : record.org) == id;
      };
      AddNewest(
          account_.leads, fits, [this](const Lead& l) { return LeadItem(l); }, out);
      AddNewest(
          account_.deals, [&](const Deal& d) { return !d.deleted && fits(d); },
          [this](const Deal& d) { return DealItem(d); }, out);
      if (person) continue;
      AddNewest(
          account_.persons, [&](const Person& p) { return !p.deleted && p.org == id; },
          [this](const Person& p) { return PersonItem(p); }, out);
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

  template <typename Records, typename Fits, typename Make>
  static void AddNewest(const Records& records, Fits fits, Make make, json& out) {
    int left = 100;
    for (auto it = records.rbegin(); it != records.rend() && left > 0; ++it) {
      if (!fits(*it)) continue;
      out.push_back({{"result_score", 0}, {"item", make(*it)}});
      --left;
    }
  }

  json PersonLink(int64_t id) const {
    const Person* p = account_.FindPerson(id);
    return p == nullptr ? json(nullptr) : json{{"id", p->id}, {"name", p->name}};
  }
  json OrganizationLink(int64_t id) const {
    const Organization* o = account_.FindOrganization(id);
    if (o == nullptr) return nullptr;
    return {{"id", o->id},
            {"name", o->name},
            {"address", o->address.empty() ? json(nullptr) : json(o->address)}};
  }
  static json StageLink(int64_t id) {
    for (const json& stage : StagesV2(0)) {
      if (stage["id"] == id) return {{"id", id}, {"name", stage["name"]}};
    }
    return {{"id", id}};
  }

  json DealItem(const Deal& d) const {
    const json v2 = DealV2(d);
    return {{"id", d.id},
            {"type", "deal"},
            {"title", v2["title"]},
            {"value", v2["value"]},
            {"currency", d.currency},
            {"status", v2["status"]},
            {"visible_to", 3},
            {"owner", {{"id", d.owner}}},
            {"stage", StageLink(d.stage)},
            {"person", PersonLink(d.person)},
            {"organization", OrganizationLink(d.org)},
            {"custom_fields", json::array()},
            {"notes", json::array()},
            {"is_archived", d.archived}};
  }

  json LeadItem(const Lead& l) const {
    return {{"id", l.id},
            {"type", "lead"},
            {"title", l.title},
            {"owner", {{"id", l.owner}}},
            {"person", PersonLink(l.person)},
            {"organization", OrganizationLink(l.org)},
            {"phones", json::array()},
            {"emails", json::array()},
            {"custom_fields", json::array()},
            {"notes", json::array()},
            {"value", l.amount < 0 ? json(nullptr) : json(l.amount)},
            {"currency", l.amount < 0 ? json(nullptr) : json("EUR")},
            {"visible_to", 3},
            {"is_archived", l.archived}};
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
    return {{"id", p.id},
            {"type", "person"},
            {"name", p.name},
            {"phones", phones},
            {"emails", emails},
            {"primary_email", emails.empty() ? json(nullptr) : emails[0]},
            {"visible_to", p.visible_to},
            {"owner", {{"id", p.owner}}},
            {"organization", OrganizationLink(p.org)},
            {"custom_fields", json::array()},
            {"notes", json::array()}};
  }

  PipedriveAccount& account_;
  const SearchQuery& query_;
  const int64_t now_;
};

// The best first, and of these one page.
json Page(const SearchQuery& query, json all) {
  std::stable_sort(all.begin(), all.end(), [](const json& a, const json& b) {
    return a["result_score"].get<double>() > b["result_score"].get<double>();
  });
  json items = json::array();
  for (int64_t i = query.offset; i < query.offset + query.limit; ++i) {
    if (i < static_cast<int64_t>(all.size()))
      items.push_back(std::move(all[static_cast<size_t>(i)]));
  }
  return items;
}

json Additional(const SearchQuery& query, bool more, bool v1) {
  const int64_t end = query.offset + query.limit;
  if (!v1) return {{"next_cursor", more ? json(Base64Encode(std::to_string(end))) : json(nullptr)}};
  json pagination = {
      {"start", query.offset}, {"limit", query.limit}, {"more_items_in_collection", more}};
  if (more) pagination["next_start"] = end;
  return {{"pagination", pagination}};
}

Reply SearchPersons(World& world, const Call& call) {
  SearchQuery query;
  std::string wrong = Parse(call, query);
  if (wrong.empty()) wrong = ParsePage(call, false, 500, query);
  if (!wrong.empty()) return Invalid(wrong);
  const Searcher searcher(world.pipedrive, query, world.clock.NowSeconds());
  json all = searcher.Persons(call.QueryInt("organization_id", 0));
  const bool more = static_cast<int64_t>(all.size()) > query.offset + query.limit;
  return JsonReply(200, {{"success", true},
                         {"data", {{"items", Page(query, std::move(all))}}},
                         {"additional_data", Additional(query, more, false)}});
}

Reply SearchItems(World& world, const Call& call, bool v1) {
  SearchQuery query;
  std::string wrong = Parse(call, query);
  if (wrong.empty()) wrong = ParsePage(call, v1, 100, query);
  if (!wrong.empty()) return Invalid(wrong);
  const Searcher searcher(world.pipedrive, query, world.clock.NowSeconds());
  const auto wants = [&query](const char* type) {
    return query.types.empty() || query.types.count(type) > 0;
  };
  json all = json::array();
  const auto add = [&all](const json& found) { all.insert(all.end(), found.begin(), found.end()); };
  if (wants("person")) add(searcher.Persons(0));
  if (wants("organization")) add(searcher.Organizations());
  if (wants("deal")) add(searcher.Deals());
  if (wants("lead")) add(searcher.Leads());
  const bool more = static_cast<int64_t>(all.size()) > query.offset + query.limit;
  json data = {{"items", Page(query, std::move(all))}};
  if (query.related) data["related_items"] = searcher.Related(data["items"]);
  return JsonReply(
      200, {{"success", true}, {"data", data}, {"additional_data", Additional(query, more, v1)}});
}

}  // namespace

void AddPipedriveSearchRoutes(World& world, Router& router) {
  router.Add(
      {"GET",
       "/api/v2/persons/search",
       {"term", "fields", "exact_match", "organization_id", "include_fields", "limit", "cursor"},
       20,
       [&world](const Call& call) { return SearchPersons(world, call); }});
  for (const bool v1 : {false, true}) {
    std::vector<std::string> names = {
        "term",        "item_types",     "fields", "search_for_related_items",
        "exact_match", "include_fields", "limit"};
    names.emplace_back(v1 ? "start" : "cursor");
    router.Add({"GET", v1 ? "/api/v1/itemSearch" : "/api/v2/itemSearch", names, v1 ? 40 : 20,
                [&world, v1](const Call& call) { return SearchItems(world, call, v1); }});
  }
}

}  // namespace sandbox
