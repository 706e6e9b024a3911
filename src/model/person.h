#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"

namespace connector {

// One e-mail address or phone number of a person, as typed.
struct ContactPoint {
  std::string value;
  std::string label;  // "work", "home", ...
  bool primary = false;

  bool operator==(const ContactPoint&) const = default;
};

// The value of one custom field, whichever API version it came by.
struct OptionIds {  // enum: one id, set: several
  std::vector<int64_t> ids;
  bool operator==(const OptionIds&) const = default;
};
struct Monetary {
  double amount = 0;
  std::string currency;  // ISO 4217; may be empty
  bool operator==(const Monetary&) const = default;
};
struct ValueRange {  // daterange, timerange
  std::string from;
  std::string until;
  bool operator==(const ValueRange&) const = default;
};
struct RecordRef {  // user, org, people
  int64_t id = 0;
  bool operator==(const RecordRef&) const = default;
};
// Texts, dates, times, phones and formatted addresses travel as std::string.
using CustomValue =
    std::variant<std::monostate, std::string, double, OptionIds, Monetary, ValueRange, RecordRef>;

// A Pipedrive person, reduced to what was asked for. Everything may be missing.
struct Person {
  int64_t id = 0;
  std::optional<std::string> name;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  std::vector<ContactPoint> emails;
  std::vector<ContactPoint> phones;
  std::optional<int64_t> org_id;
  std::optional<int64_t> owner_id;
  std::optional<Time> add_time;
  std::optional<Time> update_time;
  bool is_deleted = false;
  std::vector<int64_t> label_ids;
  std::optional<int64_t> won_deals_count;
  std::optional<int64_t> lost_deals_count;
  std::optional<int64_t> open_deals_count;
  std::optional<int64_t> closed_deals_count;
  std::optional<std::string> marketing_status;
  // By field key (40 hexadecimal digits), sorted by key; only fields that have a value.
  std::vector<std::pair<std::string, CustomValue>> custom_fields;

  bool operator==(const Person&) const = default;
};

// The value of a custom field, or null.
const CustomValue* FindCustomField(
    const std::vector<std::pair<std::string, CustomValue>>& custom_fields, std::string_view key);

}  // namespace connector
