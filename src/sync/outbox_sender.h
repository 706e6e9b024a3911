#pragma once

// Sends Brevo's events, each once as far as that can be known: Brevo has no key that tells a
// repetition, so an event of which it is not known whether it arrived is looked for before it is
// sent again.

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "http/caller.h"
#include "store/outbox.h"
#include "sync/accounts.h"

namespace connector::sync {

// One thread; several senders may work side by side, each as an owner of its own.
class OutboxSender {
 public:
  // The accounts outlive it.
  OutboxSender(const Accounts& accounts, std::string owner)
      : accounts_(accounts), owner_(std::move(owner)) {}

  // Sends events that are due: a few one by one, a backlog together. True if there may be more. An
  // error concerns the account or the process; what was not sent is due again.
  absl::StatusOr<bool> SendSome(const http::CallContext& context);

  // Looks for events that may have arrived. True if there may be more.
  absl::StatusOr<bool> LookUp(const http::CallContext& context);

 private:
  using Leased = std::vector<store::LeasedOutboxEvent>;

  absl::Status SendSingly(const Leased& leased, const http::CallContext& context);
  absl::Status SendTogether(const Leased& leased, const http::CallContext& context);
  // Drops events that have no contact.
  absl::StatusOr<Leased> DropHomeless(Leased leased);
  // An error if the account is in trouble.
  absl::Status Book(const store::LeasedOutboxEvent& leased, const absl::Status& outcome,
                    store::OutboxSettlement& settlement);
  absl::Status Release(const Leased& leased, size_t from, Time not_before);
  absl::Status Settle(const store::OutboxSettlement& settlement);
  absl::StatusOr<std::vector<brevo::SeenEvent>> ReadWindow(const Leased& parked,
                                                           const http::CallContext& context);

  const Accounts& accounts_;
  const std::string owner_;
};

}  // namespace connector::sync
