#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "http/caller.h"
#include "model/brevo_change.h"
#include "model/contact_state.h"
#include "sync/accounts.h"

namespace connector::sync {

// Looks at contacts in Brevo, as cheaply as it goes: each by a call of its own, or many by one page
// of what has changed lately. One thread.
class BrevoLooks {
 public:
  struct Look {
    std::optional<Contact> contact;       // nullopt: Brevo does not have it (404)
    Time read_at{};                       // our clock, when the look began
    std::optional<absl::Status> refused;  // Brevo does not take the question
  };

  BrevoLooks(const Accounts& accounts, const http::CallContext& context)
      : accounts_(accounts), context_(context) {}

  // The contact is to be looked at because of this change.
  void Want(const ContactState& state, const BrevoChange& change);
  // Where many are wanted. Errors concern the account.
  absl::Status ReadPage();
  // What there is to see of one that is wanted. Errors concern the account.
  absl::StatusOr<Look> Take(const ContactState& state);

 private:
  struct Wanted {
    std::vector<std::string> emails;  // the newest first
    bool may_be_gone = false;
    Time since = Time::max();
  };

  const Accounts& accounts_;
  const http::CallContext& context_;
  std::map<int64_t, Wanted> wanted_;  // by key
  Time page_read_at_{};
  std::map<int64_t, Contact> by_id_;
  std::map<std::string, int64_t> by_email_;
};

}  // namespace connector::sync
