#pragma once

// Makes persons in Pipedrive of Brevo contacts that have none.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "http/caller.h"
#include "model/contact.h"
#include "model/run.h"
#include "store/inbox.h"
#include "sync/accounts.h"
#include "sync/planning.h"
#include "sync/run_session.h"

namespace connector::sync {

// Whether a contact on these lists is to become a person.
bool IsOnCreatingList(const Planning& planning, const std::vector<int64_t>& lists);

// The lane of the inbox in which everything about a contact happens, one after the other and in one
// process at a time: no address becomes two persons. What is made of a lane's event is intended as
// soon as the event is leased; of one that was leased before, the person may be there already.
std::string LaneOf(std::string_view email);

// The address behind an entry of QueueCreations; "" for others.
std::string AddressToCreateFrom(const store::InboxEntry& entry);

// One thread.
class PersonCreation {
 public:
  PersonCreation(const Accounts& accounts, const Planning& planning,
                 const http::CallContext& context)
      : accounts_(accounts), planning_(planning), context_(context) {}

  // The person with the contact's address, looked for and, if there is none, made: nullopt if it is
  // not to become one, or Pipedrive refuses it (a failure then). `attempted_since`: when somebody
  // may have asked for it for the first time, with an unknown outcome. Errors concern the account,
  // or leave it unknown whether the person was made.
  absl::StatusOr<std::optional<Person>> FindOrMake(const Contact& contact,
                                                   std::optional<Time> attempted_since,
                                                   std::vector<Failure>& failures);

 private:
  absl::StatusOr<std::optional<Person>> Find(const std::string& email);
  absl::StatusOr<std::optional<Person>> FindAmongNew(const std::string& email, Time since);
  absl::StatusOr<std::optional<Person>> Make(const Contact& contact, const std::string& email,
                                             std::vector<Failure>& failures);
  PersonWrite WriteOf(const Contact& contact, const std::string& email,
                      std::vector<Failure>& failures);

  const Accounts& accounts_;
  const Planning& planning_;
  const http::CallContext& context_;
};

// Appends every known contact that is to become a person to the inbox, each at most once in seven
// days. Returns how many there are; of a dry run, which appends none, too.
absl::StatusOr<int64_t> QueueCreations(const Accounts& accounts, const Planning& planning,
                                       RunSession& session);

}  // namespace connector::sync
