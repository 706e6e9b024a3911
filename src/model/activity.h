#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace connector {

// A Pipedrive activity: a call, an e-mail, a meeting, a task, or a type of the account's own.
struct Activity {
  int64_t id = 0;
  std::string subject;
  std::string type;  // key: "call", "meeting", "email", ...
  bool done = false;
  std::string due_date;  // "2026-11-24"; may be empty
  std::string due_time;  // "14:30", UTC; may be empty
  std::string duration;  // "00:30"; may be empty
  std::optional<int64_t> owner_id;
  std::optional<int64_t> deal_id;
  std::string lead_id;  // UUID; may be empty
  std::optional<int64_t> org_id;
  std::optional<int64_t> person_id;   // the primary participant
  std::vector<int64_t> participants;  // persons, the primary one among them
  std::optional<Time> marked_as_done_time;
  std::optional<Time> add_time;
  std::optional<Time> update_time;
  bool is_deleted = false;

  bool operator==(const Activity&) const = default;
};

}  // namespace connector
