#include "pipedrive/person_encoder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "http/json_members.h"
#include "pipedrive/custom_field_encoder.h"

namespace connector::pipedrive {
namespace {

using http::JsonMembers;
using Types = std::map<std::string, std::string>;

// At most one may be primary; without one Pipedrive takes the first.
void AppendPoints(std::string& out, const std::vector<ContactPoint>& points) {
  out.push_back('[');
  bool primary = false;
  for (const ContactPoint& point : points) {
    if (&point != &points.front()) out.push_back(',');
    JsonMembers object(out);
    object.Text("value", point.value);
    object.Flag("primary", point.primary && !std::exchange(primary, primary || point.primary));
    if (!point.label.empty()) object.Text("label", point.label);
    object.Close();
  }
  out.push_back(']');
}

std::optional<std::string> NameOf(const PersonWrite& write) {
  if (write.name) return write.name;
  if (!write.first_name && !write.last_name) return std::nullopt;
  const std::string first = write.first_name.value_or("");
  const std::string last = write.last_name.value_or("");
  return absl::StrCat(first, first.empty() || last.empty() ? "" : " ", last);
}

void AppendReference(JsonMembers& body, std::string_view name, std::optional<int64_t> id) {
  if (!id) return;
  if (*id == 0) return body.Null(name);
  body.Number(name, *id);
}

void AppendCommon(JsonMembers& body, const PersonWrite& write, bool v2) {
  if (const auto name = NameOf(write)) body.Text("name", *name);
  if (write.emails) AppendPoints(body.Name(v2 ? "emails" : "email"), *write.emails);
  if (write.phones) AppendPoints(body.Name(v2 ? "phones" : "phone"), *write.phones);
  AppendReference(body, "org_id", write.org_id);
  if (write.owner_id) body.Number("owner_id", *write.owner_id);
  if (write.marketing_status) body.Text("marketing_status", *write.marketing_status);
}

std::string_view TypeOf(const Types& types, const std::string& key) {
  const auto found = types.find(key);
  return found == types.end() ? std::string_view{} : found->second;
}

}  // namespace

std::string EncodePersonV2(const PersonWrite& write, const Types& types) {
  std::string out;
  JsonMembers body(out);
  AppendCommon(body, write, true);
  if (!write.custom_fields.empty()) {
    JsonMembers fields(body.Name("custom_fields"));
    for (const auto& [key, value] : write.custom_fields) {
      AppendCustomV2(fields, key, value, TypeOf(types, key));
    }
    fields.Close();
  }
  body.Close();
  return out;
}

std::string EncodePersonV1(const PersonWrite& write, const Types& types) {
  std::string out;
  JsonMembers body(out);
  AppendCommon(body, write, false);
  for (const auto& [key, value] : write.custom_fields) {
    AppendCustomV1(body, key, value, TypeOf(types, key));
  }
  body.Close();
  return out;
}

}  // namespace connector::pipedrive
