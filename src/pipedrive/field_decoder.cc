#include "pipedrive/field_decoder.h"

#include "pipedrive/custom_fields.h"
#include "pipedrive/errors.h"

namespace connector::pipedrive {
namespace {

using http::JsonValue;

std::string TextOf(JsonValue object, std::string_view name) {
  return object[name].ScalarText().value_or("");
}

std::vector<FieldOption> OptionsOf(JsonValue field) {
  std::vector<FieldOption> options;
  field["options"].ForEach([&options](JsonValue option) {
    FieldOption out{TextOf(option, "id"), TextOf(option, "label")};
    if (!out.id.empty()) options.push_back(std::move(out));
  });
  return options;
}

struct Names {
  std::string_view key;
  std::string_view name;
};

absl::StatusOr<FieldPage> DecodeFields(std::string_view body, NullList null_list, Names names) {
  FieldPage page;
  const absl::Status status =
      WalkPage(body, null_list, page.end, [&](JsonValue field, std::string_view) {
        PipedriveField out{.key = TextOf(field, names.key),
                           .name = TextOf(field, names.name),
                           .type = TextOf(field, "field_type"),
                           .options = OptionsOf(field)};
        // v1 does not say it: `edit_flag` is true for some built-in fields too.
        out.is_custom = field["is_custom_field"].Flag().value_or(IsCustomFieldKey(out.key));
        if (!out.key.empty()) page.fields.push_back(std::move(out));
      });
  if (!status.ok()) return status;
  return page;
}

}  // namespace

absl::StatusOr<FieldPage> DecodeFieldsV2(std::string_view body) {
  return DecodeFields(body, NullList::kIsUnreadable, {"field_code", "field_name"});
}

absl::StatusOr<FieldPage> DecodeFieldsV1(std::string_view body) {
  return DecodeFields(body, NullList::kIsEmpty, {"key", "name"});
}

absl::StatusOr<PipedriveAccount> DecodeAccount(std::string_view body) {
  http::JsonText json;
  if (!json.Parse(body)) return Unreadable("it is not whole, valid JSON");
  const JsonValue user = json.root()["data"];
  const auto company_id = user["company_id"].Integer();
  const auto user_id = user["id"].Integer();
  if (!company_id || !user_id) return Unreadable("it names no user and company");
  return PipedriveAccount{.company_id = *company_id,
                          .user_id = *user_id,
                          .company_name = TextOf(user, "company_name"),
                          .company_domain = TextOf(user, "company_domain"),
                          .default_currency = TextOf(user, "default_currency")};
}

}  // namespace connector::pipedrive
