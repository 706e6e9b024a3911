#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "model/person.h"
#include "sync/accounts.h"
#include "sync/planning.h"
#include "sync/run_session.h"

namespace connector::sync {

// Organizations, changed ones only with `since`; nothing if no organization field is mapped.
absl::Status WalkOrganizations(const Accounts& accounts, const Planning& planning,
                               RunSession& session, std::optional<Time> since);

// These organizations, at most kIdsPerCall; what Pipedrive does not give (deleted, invisible) comes
// back as deleted.
absl::StatusOr<std::vector<Organization>> ReadOrganizations(const Accounts& accounts,
                                                            const Planning& planning,
                                                            std::vector<int64_t> ids,
                                                            const http::CallContext& context);

// Stores the organizations that persons refer to and nobody has brought yet. With `may_ask`
// Pipedrive is asked for them; what it does not give (deleted, invisible), and everything when all
// were walked just now, is noted as deleted, so that it is not asked for again.
absl::Status CompleteOrganizations(const Accounts& accounts, const Planning& planning,
                                   RunSession& session, const std::vector<Person>& persons,
                                   bool may_ask);

}  // namespace connector::sync
