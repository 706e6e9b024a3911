#include "pipedrive_validation.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

enum class Kind { kText, kInt, kIntOrNull, kNumber, kBool, kInts, kPoints, kObject, kTime, kAny };

using Schema = std::map<std::string, Kind>;

Refusal No(const std::string& message) { return {400, "Validation failed: " + message}; }

std::string CheckPoints(const std::string& name, const json& list) {
  if (!list.is_array()) return name + " must be an array";
  int primaries = 0;
  for (const json& item : list) {
    if (!item.is_object()) return name + " items must be objects";
    if (!item.contains("value") || !item["value"].is_string()) return name + ": value is required";
    for (const auto& [key, value] : item.items()) {
      if (key == "primary" && !value.is_boolean()) return name + ": primary must be a boolean";
      if (key == "label" && !value.is_string()) return name + ": label must be a string";
      if (key != "primary" && key != "label" && key != "value") return name + ": unknown " + key;
    }
    if (item.value("primary", false)) ++primaries;
  }
  return primaries > 1 ? name + ": at most one may be primary" : "";
}

bool IsIntegers(const json& value) {
  return value.is_array() && std::all_of(value.begin(), value.end(),
                                         [](const json& item) { return item.is_number_integer(); });
}

std::string CheckKind(const std::string& name, Kind kind, const json& value) {
  switch (kind) {
    case Kind::kText:
      return value.is_string() ? "" : name + " must be a string";
    case Kind::kInt:
      return value.is_number_integer() ? "" : name + " must be an integer";
    case Kind::kIntOrNull:
      return value.is_number_integer() || value.is_null() ? "" : name + " must be an integer";
    case Kind::kNumber:
      return value.is_number() ? "" : name + " must be a number";
    case Kind::kBool:
      return value.is_boolean() ? "" : name + " must be a boolean";
    case Kind::kInts:
      return IsIntegers(value) ? "" : name + " must be an array of integers";
    case Kind::kPoints:
      return CheckPoints(name, value);
    case Kind::kObject:
      return value.is_object() || value.is_null() ? "" : name + " must be an object";
    case Kind::kTime:
      return value.is_string() && ParseRfc3339Millis(value.get<std::string>(), false)
                 ? ""
                 : name + " must be an RFC 3339 time";
    case Kind::kAny:
      return "";
  }
  return "";
}

Refusal CheckSchema(const Schema& schema, const json& body) {
  if (!body.is_object()) return No("the body must be an object");
  for (const auto& [name, value] : body.items()) {
    const auto it = schema.find(name);
    if (it == schema.end()) return No("unknown parameter " + name);
    const std::string wrong = CheckKind(name, it->second, value);
    if (!wrong.empty()) return No(wrong);
  }
  return {};
}

// An unknown key fails the whole write (facts section 3).
Refusal CheckCustom(const PersonFields& fields, const json& body) {
  const json custom = body.value("custom_fields", json::object());
  if (!custom.is_object()) return No("custom_fields must be an object");
  for (const auto& [key, value] : custom.items()) {
    const int index = fields.CustomIndex(key);
    if (index < 0) return No("custom_fields: unknown field " + key);
    const std::string wrong = fields.CheckValue(index, value);
    if (!wrong.empty()) return No(wrong);
  }
  return {};
}

bool IsVisibility(const json& value) {
  return value == 1 || value == 3 || value == 5 || value == 7;
}

Refusal CheckOwner(const json& body) {
  if (!body.contains("owner_id")) return {};
  const int64_t owner = body["owner_id"];
  return owner >= 1 && owner <= 3 ? Refusal{} : No("owner_id: no such user");
}

Refusal CheckLinks(PipedriveAccount& account, const json& body) {
  if (body.contains("org_id") && body["org_id"].is_number()) {
    const Organization* o = account.FindOrganization(body["org_id"]);
    if (o == nullptr || o->deleted) return No("org_id: no such organization");
  }
  if (body.contains("person_id") && body["person_id"].is_number()) {
    const Person* p = account.FindPerson(body["person_id"]);
    if (p == nullptr || p->deleted) return No("person_id: no such person");
  }
  return {};
}

Refusal Required(const json& body, const char* name) {
  const bool there = body.contains(name) && body[name].is_string() &&
                     !body[name].get_ref<const std::string&>().empty();
  return there ? Refusal{} : No(std::string(name) + " is required");
}

}  // namespace

Refusal CheckPersonBody(PipedriveAccount& account, const json& body, bool create) {
  // Only with the paid Contact Sync, which this account lacks.
  for (const char* name : {"im", "postal_address", "notes", "birthday", "job_title"}) {
    if (body.is_object() && body.contains(name)) {
      return {403, std::string(name) + " needs Contact Sync", "ERR_FORBIDDEN"};
    }
  }
  Schema schema = {{"name", Kind::kText},        {"owner_id", Kind::kInt},
                   {"org_id", Kind::kIntOrNull}, {"emails", Kind::kPoints},
                   {"phones", Kind::kPoints},    {"visible_to", Kind::kInt},
                   {"label_ids", Kind::kInts},   {"custom_fields", Kind::kObject}};
  if (create) schema["add_time"] = Kind::kTime;
  if (account.options().campaigns) schema["marketing_status"] = Kind::kText;
  for (const Refusal& refusal : {CheckSchema(schema, body)}) {
    if (refusal.status != 0) return refusal;
  }
  if (create || body.contains("name")) {
    if (Refusal r = Required(body, "name"); r.status != 0) return r;
  }
  if (body.contains("visible_to") && !IsVisibility(body["visible_to"])) return No("visible_to");
  for (const Refusal& refusal :
       {CheckOwner(body), CheckLinks(account, body), CheckCustom(account.fields, body)}) {
    if (refusal.status != 0) return refusal;
  }
  return {};
}

Refusal CheckOrganizationBody(const json& body, bool create) {
  Schema schema = {{"name", Kind::kText},      {"owner_id", Kind::kInt},
                   {"visible_to", Kind::kInt}, {"label_ids", Kind::kInts},
                   {"address", Kind::kObject}, {"custom_fields", Kind::kObject}};
  if (create) schema["add_time"] = Kind::kTime;
  if (Refusal r = CheckSchema(schema, body); r.status != 0) return r;
  if (create || body.contains("name")) {
    if (Refusal r = Required(body, "name"); r.status != 0) return r;
  }
  if (body.contains("address") && body["address"].is_object()) {
    const json& address = body["address"];
    if (!address.contains("value") || !address["value"].is_string()) return No("address.value");
  }
  if (!body.value("custom_fields", json::object()).empty())
    return No("custom_fields: unknown field");
  return CheckOwner(body);
}

Refusal CheckDealBody(PipedriveAccount& account, const json& body, bool create) {
  const Schema schema = {{"title", Kind::kText},          {"owner_id", Kind::kInt},
                         {"person_id", Kind::kIntOrNull}, {"org_id", Kind::kIntOrNull},
                         {"pipeline_id", Kind::kInt},     {"stage_id", Kind::kInt},
                         {"value", Kind::kNumber},        {"currency", Kind::kText},
                         {"status", Kind::kText},         {"probability", Kind::kAny},
                         {"lost_reason", Kind::kAny},     {"expected_close_date", Kind::kAny},
                         {"visible_to", Kind::kInt},      {"label_ids", Kind::kInts},
                         {"is_archived", Kind::kBool},    {"custom_fields", Kind::kObject}};
  if (Refusal r = CheckSchema(schema, body); r.status != 0) return r;
  if (create) {
    if (Refusal r = Required(body, "title"); r.status != 0) return r;
  }
  const json probability = body.value("probability", json(nullptr));
  if (!probability.is_null() && (!probability.is_number() || probability.get<double>() < 0 ||
                                 probability.get<double>() > 100)) {
    return No("probability must be a number from 0 to 100");
  }
  const std::string status = body.value("status", "open");
  if (status != "open" && status != "won" && status != "lost") return No("status");
  const int64_t stage = body.value("stage_id", int64_t{1});
  if (stage < 1 || stage > 7) return No("stage_id: no such stage");
  const int64_t pipeline = body.value("pipeline_id", int64_t{1});
  if (pipeline < 1 || pipeline > 2) return No("pipeline_id: no such pipeline");
  if (!body.value("custom_fields", json::object()).empty())
    return No("custom_fields: unknown field");
  for (const Refusal& refusal : {CheckOwner(body), CheckLinks(account, body)}) {
    if (refusal.status != 0) return refusal;
  }
  return {};
}

Refusal CheckActivityBody(PipedriveAccount& account, const json& body, bool create) {
  if (body.is_object() && body.contains("person_id")) {
    return No("person_id is read-only, use participants");
  }
  const Schema schema = {{"subject", Kind::kText},
                         {"type", Kind::kText},
                         {"owner_id", Kind::kInt},
                         {"deal_id", Kind::kIntOrNull},
                         {"org_id", Kind::kIntOrNull},
                         {"due_date", Kind::kText},
                         {"due_time", Kind::kText},
                         {"duration", Kind::kText},
                         {"busy", Kind::kBool},
                         {"done", Kind::kBool},
                         {"note", Kind::kText},
                         {"participants", Kind::kAny},
                         {"public_description", Kind::kText},
                         {"priority", Kind::kIntOrNull}};
  if (Refusal r = CheckSchema(schema, body); r.status != 0) return r;
  if (create) {
    if (Refusal r = Required(body, "subject"); r.status != 0) return r;
  }
  for (const json& who : body.value("participants", json::array())) {
    if (!who.is_object() || !who.contains("person_id") || !who["person_id"].is_number_integer()) {
      return No("participants: person_id must be an integer");
    }
    const Person* p = account.FindPerson(who["person_id"]);
    if (p == nullptr || p->deleted) return No("participants: no such person");
  }
  return CheckOwner(body);
}

}  // namespace sandbox
