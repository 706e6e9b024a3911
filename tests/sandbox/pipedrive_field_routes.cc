// Person, deal, organization and activity fields, API v2 and v1; lead fields, v1.
#include "pipedrive_listing.h"
#include "replies.h"
#include "routes.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

// Ids of options are integers for custom fields, strings for built-in ones (facts section 3).
json OptionsV2(const Field& field) {
  if (field.options.empty()) return nullptr;
  json out = json::array();
  for (const FieldOption& option : field.options) {
    json row = {{"label", option.label}};
    row["id"] = field.custom ? json(option.id) : json(std::to_string(option.id));
    out.push_back(row);
  }
  return out;
}

json SubfieldsV2(const Field& field) {
  const auto sub = [&field](const std::string& name, const char* type) {
    return json{{"field_code", field.key + "_" + name},
                {"field_name", field.name + " " + name},
                {"field_type", type}};
  };
  if (field.type == "monetary") return json::array({sub("currency", "varchar")});
  if (field.type == "daterange") return json::array({sub("until", "date")});
  if (field.type == "time") return json::array({sub("timezone_id", "int")});
  if (field.type == "timerange") {
    return json::array({sub("until", "time"), sub("timezone_id", "int")});
  }
  if (field.type == "address") {
    return json::array({sub("country", "varchar"), sub("locality", "varchar"),
                        sub("postal_code", "varchar"), sub("formatted_address", "varchar")});
  }
  return nullptr;
}

json FieldV2(const Field& field) {
  return {{"field_name", field.name},
          {"field_code", field.key},
          {"field_type", field.type},
          {"options", OptionsV2(field)},
          {"subfields", SubfieldsV2(field)},
          {"is_custom_field", field.custom},
          {"is_optional_response_field", !field.custom && field.key.ends_with("_count")}};
}

// The types v1 knows are fewer.
std::string TypeV1(const std::string& type) {
  if (type == "int") return "double";
  if (type == "status" || type == "stage") return "enum";
  return type == "picture" ? "varchar" : type;
}

json FieldV1(const Field& field, int64_t id) {
  json options = nullptr;
  for (const FieldOption& option : field.options) {
    options.push_back({{"id", option.id}, {"label", option.label}});
  }
  return {{"id", id},
          {"key", field.v1_key},
          {"name", field.name},
          {"order_nr", id},
          {"field_type", TypeV1(field.type)},
          {"add_time", "2020-01-01 00:00:00"},
          {"update_time", "2020-01-01 00:00:00"},
          {"last_updated_by_user_id", 1},
          {"created_by_user_id", field.custom ? json(1) : json(nullptr)},
          {"active_flag", true},
          {"edit_flag", field.custom},
          {"index_visible_flag", true},
          {"details_visible_flag", true},
          {"add_visible_flag", false},
          {"important_flag", false},
          {"bulk_edit_allowed", true},
          {"searchable_flag", field.type == "varchar"},
          {"filtering_allowed", true},
          {"sortable_flag", true},
          {"mandatory_flag", false},
          {"options", options}};
}

std::vector<const Field*> AllFields(const PersonFields& fields) {
  std::vector<const Field*> out;
  for (const Field& field : fields.builtin()) out.push_back(&field);
  for (const Field& field : fields.custom()) out.push_back(&field);
  return out;
}

Reply ListV2(const std::vector<const Field*>& all, const Call& call) {
  int64_t limit = 100;
  if (const auto text = call.Query("limit")) {
    limit = ParseInteger(*text).value_or(0);
    if (limit < 1 || limit > 500) {
      return PipedriveFail(400, "limit must be an integer from 1 to 500",
                           "ERR_SCHEMA_VALIDATION_FAILED");
    }
  }
  int64_t start = 0;
  if (const auto text = call.Query("cursor")) {
    const auto decoded = Base64Decode(*text);
    const json cursor = decoded ? json::parse(*decoded, nullptr, false) : json();
    if (!cursor.is_object() || !cursor.contains("offset")) {
      return PipedriveFail(400, "Invalid cursor", "ERR_SCHEMA_VALIDATION_FAILED");
    }
    start = cursor["offset"];
  }
  json data = json::array();
  const auto size = static_cast<int64_t>(all.size());
  for (int64_t i = start; i < std::min(size, start + limit); ++i) {
    data.push_back(FieldV2(*all[static_cast<size_t>(i)]));
  }
  json next = nullptr;
  if (start + limit < size) next = Base64Encode(json{{"offset", start + limit}}.dump());
  return JsonReply(
      200, {{"success", true}, {"data", data}, {"additional_data", {{"next_cursor", next}}}});
}

Reply OneV2(const std::vector<const Field*>& all, const Call& call) {
  for (const Field* field : all) {
    if (field->key == call.params.at("code")) return PipedriveOk(FieldV2(*field));
  }
  return PipedriveFail(404, "Field not found");
}

// The description has the paging flat, the live API nested: v1 sends both (facts section 2).
Reply ListV1(const std::vector<const Field*>& all, const Call& call) {
  const int64_t start = std::max<int64_t>(0, call.QueryInt("start", 0));
  const int64_t limit = std::clamp<int64_t>(call.QueryInt("limit", 100), 1, 500);
  json data = json::array();
  const auto size = static_cast<int64_t>(all.size());
  for (int64_t i = start; i < std::min(size, start + limit); ++i) {
    data.push_back(FieldV1(*all[static_cast<size_t>(i)], 9000 + i));
  }
  const bool more = start + limit < size;
  const json paging = {{"start", start}, {"limit", limit}, {"more_items_in_collection", more}};
  json nested = paging;
  if (more) nested["next_start"] = start + limit;
  json additional = paging;
  additional["pagination"] = nested;
  return JsonReply(200, {{"success", true}, {"data", data}, {"additional_data", additional}});
}

const std::vector<Field>& OrganizationFields() {
  static const auto* const fields =
      new std::vector<Field>{{"id", "id", "ID", "int", {}, false, 0},
                             {"name", "name", "Name", "varchar", {}, false, 0},
                             {"address", "address", "Address", "address", {}, false, 0},
                             {"owner_id", "owner_id", "Owner", "user", {}, false, 0}};
  return *fields;
}

const std::vector<Field>& DealFields() {
  static const auto* const fields =
      new std::vector<Field>{{"id", "id", "ID", "int", {}, false, 0},
                             {"title", "title", "Title", "varchar", {}, false, 0},
                             {"value", "value", "Value", "monetary", {}, false, 0},
                             {"status", "status", "Status", "status", {}, false, 0},
                             {"stage_id", "stage_id", "Stage", "stage", {}, false, 0},
                             {"person_id", "person_id", "Contact person", "people", {}, false, 0},
                             {"org_id", "org_id", "Organization", "org", {}, false, 0}};
  return *fields;
}

const std::vector<Field>& ActivityFields() {
  static const auto* const fields =
      new std::vector<Field>{{"id", "id", "ID", "int", {}, false, 0},
                             {"subject", "subject", "Subject", "varchar", {}, false, 0},
                             {"note", "note", "Note", "text", {}, false, 0},
                             {"due_date", "due_date", "Due date", "date", {}, false, 0},
                             {"deal_id", "deal_id", "Deal", "deal", {}, false, 0}};
  return *fields;
}

const std::vector<Field>& LeadFields() {
  static const auto* const fields =
      new std::vector<Field>{{"title", "title", "Title", "varchar", {}, false, 0},
                             {"value", "value", "Value", "monetary", {}, false, 0}};
  return *fields;
}

std::vector<const Field*> Pointers(const std::vector<Field>& fields) {
  std::vector<const Field*> out;
  for (const Field& field : fields) out.push_back(&field);
  return out;
}

}  // namespace

void AddPipedriveFieldRoutes(World& world, Router& router) {
  const auto add = [&router](const std::string& name, std::vector<const Field*> all) {
    router.Add({"GET",
                "/api/v2/" + name,
                {"include_fields", "limit", "cursor"},
                10,
                [all](const Call& call) { return ListV2(all, call); }});
    router.Add(
        {"GET", "/api/v2/" + name + "/{code}", {"include_fields"}, 1, [all](const Call& call) {
           return OneV2(all, call);
         }});
    router.Add({"GET", "/api/v1/" + name, {"start", "limit"}, 20, [all](const Call& call) {
                  return ListV1(all, call);
                }});
  };
  add("personFields", AllFields(world.pipedrive.fields));
  add("organizationFields", Pointers(OrganizationFields()));
  add("dealFields", Pointers(DealFields()));
  add("activityFields", Pointers(ActivityFields()));
  router.Add({"GET", "/api/v1/leadFields", {"start", "limit"}, 20, [](const Call& call) {
                return ListV1(Pointers(LeadFields()), call);
              }});
}

}  // namespace sandbox
