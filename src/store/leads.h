#pragma once

// The table of leads: what the list of qualified leads and lead attributes are computed from.
//
// Errors and threads as in store/store.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/lead.h"

namespace connector::store {

struct Cursor;
struct RunLease;
struct RunUpdate;

// The watermark up to which all leads are known. While it is not set the table is not whole, and
// nothing is concluded from it.
inline constexpr std::string_view kLeadsSince = "leads.updated_since";

// The outcome of folding leads.
struct LeadFold {
  int64_t fresh = 0;  // not known before
  int64_t changed = 0;
  int64_t unchanged = 0;
  int64_t stale = 0;  // older than what is stored: not taken
};

class Leads {
 public:
  virtual ~Leads() = default;

  // Stores what changed (a row older than the stored update_time is stale and not taken), and marks
  // the contacts of the lead before and after for the run: its person's or, for one of an
  // organization alone, those of all persons of it. A deleted lead stays as a tombstone; one
  // without update_time keeps the stored one. With `sees_all`, notes for LeadsNotSeen that the run
  // saw these leads.
  virtual absl::StatusOr<LeadFold> FinishLeadsPage(const RunUpdate& update, std::string_view walk,
                                                   const Cursor& cursor,
                                                   const std::vector<Lead>& page,
                                                   bool sees_all) = 0;
  // Stored leads, by id, that are not deleted and that the run has not seen.
  virtual absl::StatusOr<std::vector<std::string>> LeadsNotSeen(const RunLease& lease,
                                                                std::string_view after_id,
                                                                int limit) = 0;
  virtual absl::StatusOr<std::optional<Lead>> FindLead(std::string_view connection,
                                                       std::string_view id) = 0;
};

}  // namespace connector::store
