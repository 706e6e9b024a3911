#include "pipedrive_fields.h"

#include <array>
#include <cstdio>

#include "random.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

// Field keys are 40 hex digits and differ per company, hence per seed.
std::string MakeKey(uint64_t seed, size_t index) {
  std::array<char, 52> hex{};
  const uint64_t a = Mix(seed * 1000003 + index);
  const uint64_t b = Mix(a);
  const uint64_t c = Mix(b) & 0xffffffffULL;
  std::snprintf(hex.data(), hex.size(), "%016llx%016llx%08llx", static_cast<unsigned long long>(a),
                static_cast<unsigned long long>(b), static_cast<unsigned long long>(c));
  return std::string(hex.data(), 40);
}

std::string Quoted(const std::string& text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

std::string ClockText(uint64_t h) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d:00", static_cast<int>(h % 24),
                static_cast<int>(h / 24 % 60));
  return text.data();
}

std::string DayText(uint64_t h, int64_t shift) {
  return FormatDate((18'000 + static_cast<int64_t>(h % 2500) + shift) * 86'400);
}

std::string TextValue(uint64_t h) {
  constexpr std::array<const char*, 6> kTexts = {"plain",
                                                 "with \"quotes\" and \\ backslash",
                                                 "Zeile 1\nZeile 2",
                                                 "naïve café 🎉",
                                                 "  padded  ",
                                                 "<b>html</b> & more"};
  return Quoted(kTexts[h % kTexts.size()]);
}

std::string AddressValue(uint64_t h) {
  const std::string number = std::to_string(1 + h % 99);
  return json{{"value", "Hauptstraße " + number + ", 10115 Berlin, Germany"},
              {"country", "Germany"},
              {"admin_area_level_1", "Berlin"},
              {"admin_area_level_2", nullptr},
              {"locality", "Berlin"},
              {"sublocality", nullptr},
              {"route", "Hauptstraße"},
              {"street_number", number},
              {"subpremise", nullptr},
              {"postal_code", "10115"}}
      .dump();
}

std::string ZonedValue(uint64_t h, bool range) {
  json value = {{"value", ClockText(h)}, {"timezone_id", 248}, {"timezone_name", "Europe/Berlin"}};
  if (range) value["until"] = ClockText(h + 2);
  return value.dump();
}

std::string PickSet(const Field& field, uint64_t h) {
  const size_t n = field.options.size();
  std::string out = "[" + std::to_string(field.options[h % n].id);
  if (h / n % 5 == 0) out += "," + std::to_string(field.options[(h + 1) % n].id);
  return out + "]";
}

std::string ValueOf(const Field& field, uint64_t h) {
  const std::string& type = field.type;
  if (type == "enum") return std::to_string(field.options[h % field.options.size()].id);
  if (type == "set") return PickSet(field, h);
  if (type == "double") return std::to_string(h % 1000) + (h % 3 == 0 ? ".5" : "");
  if (type == "monetary") {
    return "{\"value\":" + std::to_string(h % 100000) + (h % 4 == 0 ? ".99" : "") +
           ",\"currency\":\"" + (h % 5 == 0 ? "USD" : "EUR") + "\"}";
  }
  if (type == "date") return Quoted(DayText(h, 0));
  if (type == "daterange") {
    return "{\"value\":\"" + DayText(h, 0) + "\",\"until\":\"" + DayText(h, 14) + "\"}";
  }
  if (type == "time" || type == "timerange") return ZonedValue(h, type == "timerange");
  if (type == "address") return AddressValue(h);
  if (type == "phone") return Quoted("+49 30 " + std::to_string(100000 + h % 900000));
  if (type == "user") return std::to_string(1 + h % 3);
  if (type == "org" || type == "people") return std::to_string(1 + h % 20);
  return TextValue(h);
}

bool HasOption(const Field& field, const json& id) {
  if (!id.is_number_integer()) return false;
  for (const FieldOption& option : field.options) {
    if (option.id == id.get<int64_t>()) return true;
  }
  return false;
}

bool IsSetValue(const Field& field, const json& value) {
  if (!value.is_array() || value.empty()) return false;  // [] is a validation error
  for (const json& id : value) {
    if (!HasOption(field, id)) return false;
  }
  return true;
}

bool HasText(const json& value, const char* name) {
  return value.is_object() && value.contains(name) && value[name].is_string();
}

bool Fits(const Field& field, const json& value) {
  const std::string& type = field.type;
  if (type == "enum") return HasOption(field, value);
  if (type == "set") return IsSetValue(field, value);
  if (type == "double") return value.is_number();
  if (type == "user" || type == "org" || type == "people") return value.is_number_integer();
  if (type == "date") return value.is_string() && IsCalendarDate(value.get<std::string>());
  if (type == "monetary") {
    return value.is_object() && value.contains("value") && value["value"].is_number() &&
           HasText(value, "currency");
  }
  if (type == "daterange" || type == "timerange") {
    return HasText(value, "value") && HasText(value, "until");
  }
  if (type == "time" || type == "address") return HasText(value, "value");
  if (!value.is_string()) return false;
  return type == "text" || value.get_ref<const std::string&>().size() <= 255;
}

}  // namespace

PersonFields::PersonFields(uint64_t seed, bool campaigns) : seed_(seed) {
  AddBuiltin(campaigns);
  AddOrdinaryCustom();
  AddFillers();
}

void PersonFields::AddBuiltin(bool campaigns) {
  const auto add = [this](const char* key, const char* v1, const char* name, const char* type) {
    builtin_.push_back({key, v1, name, type, {}, false, 0});
  };
  add("id", "id", "ID", "int");
  add("name", "name", "Name", "varchar");
  add("first_name", "first_name", "First name", "varchar");
  add("last_name", "last_name", "Last name", "varchar");
  add("label_ids", "label_ids", "Labels", "set");
  builtin_.back().options = {{5, "Customer"}, {6, "Hot lead"}, {7, "Warm lead"}, {8, "Cold lead"}};
  add("emails", "email", "Email", "varchar");
  add("phones", "phone", "Phone", "phone");
  add("org_id", "org_id", "Organization", "org");
  add("owner_id", "owner_id", "Owner", "user");
  add("add_time", "add_time", "Person created", "date");
  add("update_time", "update_time", "Update time", "date");
  add("visible_to", "visible_to", "Visible to", "visible_to");
  builtin_.back().options = {{1, "Owner only"}, {3, "Entire company"}};
  add("open_deals_count", "open_deals_count", "Open deals", "int");
  add("won_deals_count", "won_deals_count", "Won deals", "int");
  add("lost_deals_count", "lost_deals_count", "Lost deals", "int");
  add("closed_deals_count", "closed_deals_count", "Closed deals", "int");
  add("activities_count", "activities_count", "Total activities", "int");
  add("done_activities_count", "done_activities_count", "Done activities", "int");
  add("undone_activities_count", "undone_activities_count", "Activities to do", "int");
  add("email_messages_count", "email_messages_count", "Email messages count", "int");
  add("picture_id", "picture_id", "Profile picture", "picture");
  add("last_incoming_mail_time", "last_incoming_mail_time", "Last email received", "date");
  add("last_outgoing_mail_time", "last_outgoing_mail_time", "Last email sent", "date");
  if (campaigns) {
    add("marketing_status", "marketing_status", "Marketing status", "status");
  }
}

void PersonFields::AddCustom(const std::string& name, const std::string& type, double filled,
                             const std::vector<std::string>& options) {
  Field field{MakeKey(seed_, custom_.size()), "", name, type, {}, true, filled};
  field.v1_key = field.key;
  for (const std::string& label : options) field.options.push_back({next_option_++, label});
  index_[field.key] = static_cast<int>(custom_.size());
  custom_.push_back(std::move(field));
}

void PersonFields::AddOrdinaryCustom() {
  AddCustom("Lead Source", "set", 0.6,
            {"Website", "Referral", "Trade fair", "Cold call", "Ads; paid, social"});
  AddCustom("Industry", "enum", 0.6,
            {"Manufacturing", "IT & Software", "Healthcare", "Retail", "Öffentlicher Dienst"});
  AddCustom("Company Size", "enum", 0.5, {"1-10", "11-50", "51-200", "201-1000", ">1000"});
  // Two fields with one display name: only the key tells them apart.
  AddCustom("Region", "enum", 0.3, {"North", "South", "East", "West"});
  AddCustom("Region", "varchar", 0.2);
  AddCustom("Birthday", "date", 0.2);
  AddCustom("Budget", "monetary", 0.15);
  AddCustom("Contract period", "daterange", 0.05);
  AddCustom("Preferred call time", "time", 0.05);
  AddCustom("Office hours", "timerange", 0.03);
  AddCustom("Home address", "address", 0.1);
  AddCustom("Score", "double", 0.3);
  AddCustom("Assistant phone", "phone", 0.05);
  AddCustom("Account manager", "user", 0.2);
  AddCustom("Parent company", "org", 0.05);
  AddCustom("Referred by", "people", 0.03);
  AddCustom("Interests", "set", 0.2, {"Product A", "Product B", "Training", "Support"});
  AddCustom("Marketing consent", "enum", 0.4, {"Yes", "No"});
  AddCustom("Remarks", "text", 0.1);
  AddCustom("Auto summary", "varchar_auto", 0.05);
}

// The rest an account collects over the years: mostly empty (87 keys, 83 null: facts section 3).
void PersonFields::AddFillers() {
  constexpr std::array<const char*, 8> kTypes = {"varchar", "varchar", "double",   "date",
                                                 "varchar", "text",    "monetary", "enum"};
  for (int i = 0; custom_.size() < 87; ++i) {
    const std::string type = kTypes[static_cast<size_t>(i) % kTypes.size()];
    std::vector<std::string> options;
    if (type == "enum") options = {"A", "B", "C"};
    AddCustom("Legacy field " + std::to_string(i + 1), type, 0.005, options);
  }
}

int PersonFields::CustomIndex(std::string_view key) const {
  const auto it = index_.find(std::string(key));
  return it == index_.end() ? -1 : it->second;
}

std::string PersonFields::SeededValue(int64_t person, int index) const {
  const Field& field = custom_[static_cast<size_t>(index)];
  const uint64_t h =
      Mix(seed_ ^ Mix(static_cast<uint64_t>(person) * 131 + static_cast<uint64_t>(index)));
  if (static_cast<double>(h >> 11) * 0x1.0p-53 >= field.filled) return "null";
  return ValueOf(field, Mix(h));
}

std::string PersonFields::CheckValue(int index, const json& value) const {
  const Field& field = custom_[static_cast<size_t>(index)];
  if (value.is_null() || Fits(field, value)) return "";
  return "custom_fields." + field.key + ": invalid value for a field of type " + field.type;
}

}  // namespace sandbox
