#pragma once

// A change in Brevo as one of its webhooks tells it, whichever of the observed shapes it came in.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/value.h"

namespace connector {

struct BrevoChange {
  enum class Kind {
    kContactUpdated,
    kContactDeleted,
    kListAddition,
    kUnsubscribed,  // from `list_ids`, or from everything if there are none
    kHardBounce,
    kSoftBounce,
    kSpam,
    kOther,  // delivered, opened, click, and what this version does not know
  };

  Kind kind = Kind::kOther;
  std::string event;       // as Brevo wrote it
  int64_t webhook_id = 0;  // of the subscription, not of the contact; 0: not told
  std::string email;       // as Brevo spells it; the webhooks know contacts by nothing else
  std::optional<Time> occurred_at;
  // The key whose call made the change: "" if it was no call of the API; nullopt in deliveries that
  // do not say.
  std::optional<std::string> api_key_name;
  // What a contact_updated names as changed, sorted by name; an empty value was cleared. The new
  // address, where EMAIL is among them, is `new_email`.
  std::vector<std::pair<std::string, Value>> attributes;
  std::string new_email;
  std::optional<bool> email_blacklisted;
  std::optional<bool> sms_blacklisted;
  std::vector<int64_t> list_ids;  // joined, or unsubscribed from
  std::vector<int64_t> lists_left;
  std::string reason;  // of a bounce or a complaint
  // The same for a repeated delivery of the same change, and for no other: Brevo gives no id.
  std::string key;

  bool operator==(const BrevoChange&) const = default;
};

// One delivery: a change, or a batch of them.
struct BrevoChanges {
  std::vector<BrevoChange> changes;  // in their order
  int unreadable = 0;                // events that name nobody or nothing; the others are here
};

// "contact_updated", "unsubscribed", ...; "other" for kOther.
std::string_view BrevoChangeName(BrevoChange::Kind kind);

}  // namespace connector
