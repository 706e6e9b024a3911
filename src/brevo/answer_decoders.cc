#include "brevo/answer_decoders.h"

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "brevo/errors.h"
#include "http/json.h"

namespace connector::brevo {
namespace {

using http::JsonValue;

// The marketing plan's name; older accounts list only `plan` entries by kind of credit.
std::string PlanOf(JsonValue account) {
  std::string plan;
  account["planVerticals"].ForEach([&plan](JsonValue vertical) {
    if (vertical["planCategory"].Text() == "Marketing" && plan.empty()) {
      plan = vertical["name"].ScalarText().value_or("");
    }
  });
  account["plan"].ForEach([&plan](JsonValue entry) {
    const std::string type = entry["type"].ScalarText().value_or("");
    if (plan.empty() && type != "sms") plan = type;
  });
  return plan;
}

}  // namespace

absl::StatusOr<ListPage> DecodeLists(std::string_view body) {
  http::JsonText json;
  if (!json.Parse(body)) return Unreadable("it is not whole, valid JSON");
  ListPage page;
  page.total = json.root()["count"].Integer().value_or(0);
  json.root()["lists"].ForEach([&page](JsonValue value) {
    const auto id = value["id"].Integer();
    if (id) page.lists.push_back({*id, value["name"].ScalarText().value_or("")});
  });
  return page;
}

absl::StatusOr<BrevoAccount> DecodeAccount(std::string_view body) {
  http::JsonText json;
  if (!json.Parse(body)) return Unreadable("it is not whole, valid JSON");
  const JsonValue root = json.root();
  if (root.kind() != JsonValue::Kind::kObject) return Unreadable("it is no account");
  return BrevoAccount{.email = root["email"].ScalarText().value_or(""),
                      .company = root["companyName"].ScalarText().value_or(""),
                      .plan = PlanOf(root)};
}

absl::StatusOr<int64_t> DecodeNumber(std::string_view body, std::string_view name) {
  http::JsonText json;
  if (!json.Parse(body)) return Unreadable("it is not whole, valid JSON");
  const auto number = json.root()[name].Integer();
  if (!number) return Unreadable(absl::StrCat("it has no number `", ToAbsl(name), "`"));
  return *number;
}

}  // namespace connector::brevo
