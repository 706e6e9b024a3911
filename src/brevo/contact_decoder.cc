#include "brevo/contact_decoder.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/strings.h"
#include "base/time_format.h"
#include "brevo/errors.h"
#include "http/json.h"

namespace connector::brevo {
namespace {

using http::JsonValue;

// Brevo makes up an address for a contact that has only a phone.
bool IsMadeUpEmail(std::string_view email) {
  constexpr std::string_view kDomain = "@mailin-sms.com";
  if (!email.ends_with(kDomain)) return false;
  email.remove_suffix(kDomain.size());
  return !email.empty() && email.find_first_not_of("0123456789") == email.npos;
}

std::vector<int64_t> SortedIds(JsonValue array) {
  std::vector<int64_t> ids;
  array.ForEach([&ids](JsonValue entry) {
    if (const auto id = entry.Integer()) ids.push_back(*id);
  });
  std::sort(ids.begin(), ids.end());
  return ids;
}

Value DecodeLabels(JsonValue array) {
  std::vector<std::string> labels;
  array.ForEach([&labels](JsonValue entry) {
    if (auto label = entry.ScalarText(); label && !label->empty()) {
      labels.push_back(*std::move(label));
    }
  });
  std::sort(labels.begin(), labels.end());
  return labels;
}

void DecodeAttributes(JsonValue attributes, Contact& contact) {
  attributes.ForEachMember([&contact](std::string_view name, JsonValue value) {
    if (name == "EXT_ID") {
      contact.ext_id = value.ScalarText().value_or("");
      return;
    }
    if (name == "EMAIL") return;
    Value decoded = DecodeValue(value);
    if (!IsEmpty(decoded)) contact.attributes.emplace_back(name, std::move(decoded));
  });
  std::sort(contact.attributes.begin(), contact.attributes.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
}

// The problem, or "" and `contact`.
std::string_view ReadContact(JsonValue value, Contact& contact) {
  if (value.kind() != JsonValue::Kind::kObject) return "the contact is not valid JSON";
  const auto id = value["id"].Integer();
  if (!id || *id <= 0) return "id is missing or not a positive number";
  contact.id = *id;
  if (value["email"].IsContainer()) return "email is not a text";
  contact.email = value["email"].ScalarText().value_or("");
  if (IsMadeUpEmail(contact.email)) contact.email.clear();
  contact.email_blacklisted = value["emailBlacklisted"].Flag().value_or(false);
  contact.sms_blacklisted = value["smsBlacklisted"].Flag().value_or(false);
  if (const auto modified = value["modifiedAt"].Text()) contact.modified_at = ParseTime(*modified);
  contact.list_ids = SortedIds(value["listIds"]);
  contact.list_unsubscribed = SortedIds(value["listUnsubscribed"]);
  DecodeAttributes(value["attributes"], contact);
  return "";
}

}  // namespace

Value DecodeValue(JsonValue value) {
  switch (value.kind()) {
    case JsonValue::Kind::kFlag:
      return *value.Flag();
    case JsonValue::Kind::kNumber:
      return *value.Number();
    case JsonValue::Kind::kText:
      return std::string(*value.Text());
    case JsonValue::Kind::kArray:
      return DecodeLabels(value);
    // No attribute type holds an object.
    case JsonValue::Kind::kObject:
    case JsonValue::Kind::kMissing:
    case JsonValue::Kind::kNull:
      return {};
  }
  return {};
}

absl::StatusOr<ContactPage> DecodeContacts(std::string_view body) {
  ContactPage page;
  const auto on_record = [&page](JsonValue value, std::string_view text) {
    Contact contact;
    const std::string_view problem = ReadContact(value, contact);
    if (problem.empty()) {
      page.contacts.push_back(std::move(contact));
    } else {
      auto id = value["id"].ScalarText();
      page.malformed.push_back({id ? *id : http::FindRawId(text), std::string(problem)});
    }
  };
  const auto on_member = [&page](std::string_view name, JsonValue value) {
    if (name == "count") page.total = value.Integer().value_or(0);
  };
  switch (http::WalkJsonList(body, "contacts", on_record, on_member)) {
    case http::JsonList::kUnreadable:
      return Unreadable("it is not whole, valid JSON");
    case http::JsonList::kMissing:
    case http::JsonList::kNull:
      return Unreadable("it has no list `contacts`");
    case http::JsonList::kRead:
      break;
  }
  return page;
}

absl::StatusOr<Contact> DecodeContact(std::string_view body) {
  http::JsonText json;
  if (!json.Parse(body)) return Unreadable("it is not whole, valid JSON");
  Contact contact;
  const std::string_view problem = ReadContact(json.root(), contact);
  if (!problem.empty()) return Unreadable(problem);
  return contact;
}

}  // namespace connector::brevo
