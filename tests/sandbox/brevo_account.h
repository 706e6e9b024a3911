// The simulated Brevo account: contacts, attributes, lists and the rules between them. Writes of
// every kind (single calls, imports, a user's edits) end in the methods here.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "clock.h"
#include "options.h"
#include "stats.h"

namespace sandbox {

struct BrevoContact {
  int64_t id = 0;
  std::string email;                  // as it was given
  std::string attributes = "{}";      // JSON text: 300,000 parsed objects would not be modest
  std::vector<int64_t> lists;         // sorted
  std::vector<int64_t> unsubscribed;  // lists left by the contact's own hand, sorted
  bool email_blacklisted = false, sms_blacklisted = false;
  bool deleted = false;
  int64_t created_ms = 0, modified_ms = 0;
};

struct BrevoAttribute {
  std::string category;  // normal, category, ...
  std::string type;      // text, date, float, boolean, category, multiple-choice
  std::vector<std::pair<int64_t, std::string>> enumeration;
  std::vector<std::string> options;  // of multiple-choice
};

struct BrevoList {
  std::string name;
  int64_t folder = 1;
  int64_t created_ms = 0;
};

struct BrevoWebhook {
  int64_t id = 0;
  nlohmann::json definition;
  int64_t created_ms = 0, modified_ms = 0;
};

struct ImportProcess {
  int64_t id = 0;
  std::string status = "queued";
  std::map<std::string, std::string> reports;  // duplicate_phone_id -> URL
  int64_t created_ms = 0, completed_ms = 0;
};

struct BrevoEvent {
  int64_t at_ms = 0;
  int64_t contact = 0;  // 0: nobody known
  nlohmann::json body;
};

// What a write does to one contact; absent parts stay as they are.
struct ContactWrite {
  nlohmann::json attributes = nlohmann::json::object();
  std::optional<std::string> email;
  std::vector<int64_t> join, leave;
  std::optional<bool> email_blacklisted, sms_blacklisted;
  bool erase_empty = true;      // an empty text removes the attribute
  bool drop_bad_phone = false;  // imports drop an invalid phone, single calls refuse it
  std::string api_key_name;     // "" unless a single API call did it
};

struct BrevoChange {  // for webhooks
  std::string event;  // contact_updated, list_addition, contact_deleted, unsubscribe, hard_bounce,
                      // spam
  std::string email;
  nlohmann::json content;      // changed parts
  std::vector<int64_t> lists;  // of list_addition and unsubscribe
  std::string api_key_name;
};

inline constexpr const char* kUniqueAttributes[] = {"EXT_ID", "SMS", "WHATSAPP", "LANDLINE_NUMBER"};

class BrevoAccount {
 public:
  BrevoAccount(const Options& options, const Clock& clock, Stats& stats);

  std::deque<BrevoContact> contacts;  // contacts[i].id == i + 1
  std::map<std::string, BrevoAttribute> attributes;
  std::map<int64_t, BrevoList> lists;
  std::map<int64_t, std::string> folders;
  std::map<int64_t, BrevoWebhook> webhooks;
  std::map<int64_t, ImportProcess> processes;
  std::map<std::string, std::string> reports;  // path on the reports host -> CSV
  std::deque<BrevoEvent> events;
  std::unordered_set<std::string> event_bodies;  // of `events`: what comes twice is counted
  int64_t next_list = 65, next_folder = 3, next_webhook = 1, next_process = 78;
  int64_t living = 0;  // contacts not deleted

  BrevoContact* FindById(int64_t id);
  BrevoContact* FindByEmail(const std::string& email);
  // kind: EXT_ID, SMS, WHATSAPP or LANDLINE_NUMBER.
  BrevoContact* FindByUnique(const std::string& kind, const std::string& value);

  // What is left of given attributes: unknown names and mismatched values are gone without a
  // word, phones are digits. An invalid phone goes into `bad_phone` unless it is to be dropped.
  nlohmann::json Clean(const nlohmann::json& given, bool drop_bad_phone, std::string* bad_phone);
  // Unique attributes in `clean` that belong to another contact than `self` (may be null).
  std::vector<std::string> Conflicts(const nlohmann::json& clean, const BrevoContact* self);

  BrevoContact& Create(const std::string& email);
  // `write.attributes` are clean and free of conflicts.
  void Apply(BrevoContact& contact, const ContactWrite& write, bool created);
  void Delete(BrevoContact& contact, const std::string& api_key_name);
  void Unsubscribe(BrevoContact& contact, int64_t list);  // by the contact's own hand
  // A hard bounce or a complaint: Brevo blocks the address by itself.
  void Block(BrevoContact& contact, const std::string& event);

  static std::string SyntheticEmail(const std::string& digits);
  std::function<void(const BrevoChange&)> on_change;
  bool mixed_shapes = false;  // webhooks take turns in every shape that was observed
  const Options& options() const { return options_; }

 private:
  bool CleanOne(const std::string& name, const nlohmann::json& value, nlohmann::json& out,
                bool drop_bad_phone, std::string* bad_phone);
  nlohmann::json MergeAttributes(BrevoContact& contact, const ContactWrite& write);
  void Rename(BrevoContact& contact, const ContactWrite& write);
  void Announce(const BrevoChange& change);
  int64_t* Slot(const std::string& kind, const std::string& value);

  const Options& options_;
  const Clock& clock_;
  Stats& stats_;
  std::unordered_map<std::string, int64_t> by_email_;  // lower case -> id
  std::map<std::string, std::unordered_map<std::string, int64_t>> by_unique_;
};

}  // namespace sandbox
