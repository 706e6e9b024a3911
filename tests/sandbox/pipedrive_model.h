// The records of the simulated Pipedrive account, kept small: 300,000 persons must fit.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "clock.h"

namespace sandbox {

struct ContactPoint {  // an e-mail or a phone
  std::string value;
  std::string label = "work";  // fits the small string buffer
  bool primary = false;
};

// Values of custom fields that differ from the generated ones: field index -> JSON text in the
// form of API v2.
using CustomOverrides = std::map<int, std::string>;

struct Person {
  int64_t id = 0;
  std::string name;
  std::vector<ContactPoint> emails, phones;
  int64_t owner = 1;
  int64_t org = 0;  // 0: none
  int64_t add_time = 0, update_time = 0;
  int64_t found_from = 0;  // search knows it only from then on (it is eventually consistent)
  std::vector<int64_t> labels;
  uint16_t open_deals = 0, won_deals = 0, lost_deals = 0, activities = 0;
  int8_t visible_to = 3;
  int8_t marketing = 0;  // index into kMarketing
  bool marketing_moved = false;
  bool deleted = false;
  bool seeded = false;  // custom values are generated from the seed unless overridden
  std::unique_ptr<CustomOverrides> custom;

  // "First Rest of it" -> first name and the rest; no rest: no last name.
  std::string FirstName() const { return name.substr(0, name.find(' ')); }
  std::string LastName() const {
    const size_t space = name.find(' ');
    return space == std::string::npos ? "" : name.substr(space + 1);
  }
};

struct Organization {
  int64_t id = 0;
  std::string name;
  std::string address;  // "": null
  int64_t owner = 1;
  int64_t add_time = 0, update_time = 0;
  std::vector<int64_t> labels;
  int32_t people = 0;
  bool deleted = false;
};

enum class DealStatus : uint8_t { kOpen, kWon, kLost };

struct Deal {
  int64_t id = 0;
  std::string title;  // "": generated
  int64_t person = 0, org = 0, owner = 1, pipeline = 1, stage = 1;
  double value = 0;
  double probability = -1;  // percent; negative: the stage's
  std::string currency = "EUR";
  DealStatus status = DealStatus::kOpen;
  int64_t add_time = 0, update_time = 0, close_time = 0, stage_time = 0;
  std::string lost_reason, expected_close;
  bool archived = false, deleted = false;
};

struct Lead {
  std::string id;
  std::string title;
  int64_t person = 0, org = 0, owner = 1;
  std::vector<std::string> labels;
  double amount = -1;  // negative: no value
  std::string source = "API", currency = "EUR";
  int64_t add_millis = 0, update_millis = 0;
  bool archived = false, deleted = false;
};

struct Activity {
  int64_t id = 0;
  std::string subject, type, due_date, due_time, note;
  int64_t owner = 1, person = 0, org = 0, deal = 0;
  std::vector<int64_t> others;  // participants beside `person`
  bool done = false, deleted = false;
  int64_t add_time = 0, update_time = 0, done_time = 0;
};

struct PipedriveWebhook {
  int64_t id = 0;
  std::string url, action, object, name, version, user, password;
  int64_t add_time = 0;
  int64_t last_time = 0;
  int last_status = 0;
  int first_failures = 0;  // failed first attempts since the last ban
  Micros banned_until = 0;
  Micros failing_since = 0;  // 0: the last delivery succeeded, or there was none
};

// How deliveries travel (POST /sandbox/webhooks).
struct WebhookWeather {
  double reorder_s = 0;             // each is late by up to so much
  double duplicates = 0;            // so often one comes twice
  bool merge_change_first = false;  // else the deletion comes first
};

inline constexpr const char* kMarketing[] = {"no_consent", "unsubscribed", "subscribed",
                                             "archived"};

}  // namespace sandbox
