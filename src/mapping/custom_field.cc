#include "mapping/custom_field.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "mapping/text.h"

namespace connector::mapping {
namespace {

// "Lead Source", "lead_source" and "LEADSOURCE" are one name.
std::string Simplified(std::string_view name) {
  std::string out = AsciiLower(name);
  std::erase_if(out, [](char c) { return c == ' ' || c == '_' || c == '\t'; });
  return out;
}

bool LooksLikeKey(std::string_view text) {
  return text.size() == 40 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

std::string UnknownName(const std::vector<PipedriveField>& fields, std::string_view wanted,
                        std::string_view record) {
  if (LooksLikeKey(wanted)) {
    return absl::StrCat(
        "no custom field of Pipedrive's ", ToAbsl(record),
        "s has this key (keys differ from company to company); copy it from Company "
        "settings > Data fields, or name the field by its display name");
  }
  std::vector<std::string> names;
  for (const PipedriveField& field : fields) {
    if (field.is_custom) names.push_back(Simplified(field.name));
  }
  const std::string_view nearest = NearestWord(Simplified(wanted), names);
  std::string text = absl::StrCat("no custom field of Pipedrive's ", ToAbsl(record),
                                  "s is called \"", ToAbsl(wanted), "\"; ");
  for (const PipedriveField& field : fields) {
    if (!nearest.empty() && field.is_custom && Simplified(field.name) == nearest) {
      return absl::StrCat(text, "the nearest is \"", field.name, "\"");
    }
  }
  return absl::StrCat(text, "create it under Company settings > Data fields, or remove the line");
}

}  // namespace

CustomFieldSearch FindCustomFieldByName(const std::vector<PipedriveField>& fields,
                                        std::string_view wanted, std::string_view record) {
  for (const PipedriveField& field : fields) {
    if (field.is_custom && EqualsIgnoringCase(field.key, wanted)) return {&field, ""};
  }
  const std::string name = Simplified(wanted);
  std::vector<const PipedriveField*> found;
  for (const PipedriveField& field : fields) {
    if (field.is_custom && Simplified(field.name) == name) found.push_back(&field);
  }
  if (found.size() == 1) return {found.front(), ""};
  if (found.empty()) return {nullptr, UnknownName(fields, wanted, record)};
  const auto append_key = [](std::string* out, const PipedriveField* field) { *out += field->key; };
  return {nullptr, absl::StrCat(found.size(), " custom fields of Pipedrive's ", ToAbsl(record),
                                "s are called \"", ToAbsl(wanted), "\"; name one by its key: ",
                                absl::StrJoin(found, ", ", append_key))};
}

}  // namespace connector::mapping
