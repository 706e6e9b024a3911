#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/value.h"

namespace connector {

// A Brevo contact as one answer of the API shows it.
struct Contact {
  int64_t id = 0;
  std::string email;   // as Brevo spells it; empty for a contact without one
  std::string ext_id;  // attribute EXT_ID
  bool email_blacklisted = false;
  bool sms_blacklisted = false;
  std::optional<Time> modified_at;
  std::vector<int64_t> list_ids;           // sorted
  std::vector<int64_t> list_unsubscribed;  // sorted
  // Sorted by name, which is in Brevo's spelling (capitals); EMAIL and EXT_ID are not in here.
  std::vector<std::pair<std::string, Value>> attributes;

  bool operator==(const Contact&) const = default;
};

// What one write tells Brevo; what is not named stays as it is. A block may be set by it, and is
// never lifted.
struct ContactWrite {
  std::string email;                  // create/import: the identity; update: only if it changes
  std::optional<std::string> ext_id;  // set once, never over a foreign one
  std::vector<std::pair<std::string, Value>> attributes;  // an empty value clears
  std::vector<int64_t> join_lists;
  std::vector<int64_t> leave_lists;
  // Guards the documented trap: changing the address of a blocklisted contact resubscribes it, so
  // the block is sent again in the same call.
  bool keep_email_block = false;
  // Somebody opted out in Pipedrive. Never by import: its flags are the job's, not the row's.
  bool block_email = false;

  bool empty() const {
    return email.empty() && !ext_id && attributes.empty() && join_lists.empty() &&
           leave_lists.empty() && !block_email;
  }
  bool operator==(const ContactWrite&) const = default;
};

}  // namespace connector
