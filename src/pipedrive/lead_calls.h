#pragma once

// The calls for leads, which both clients make alike: API v2 has none.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "pipedrive/client.h"
#include "pipedrive/endpoint.h"

namespace connector::pipedrive {

// As Client::ListLeads. The list of archived leads takes no time: a walk since a time is sorted by
// update_time, newest first, and ends at the first older lead.
absl::StatusOr<Page<Lead>> ReadLeads(const Endpoint& endpoint, const LeadsQuery& query,
                                     const std::string& cursor, const http::CallContext& context);
absl::StatusOr<Lead> ReadLead(const Endpoint& endpoint, const std::string& id,
                              const http::CallContext& context);
absl::StatusOr<std::vector<FieldOption>> ReadLeadLabels(const Endpoint& endpoint,
                                                        const http::CallContext& context);

}  // namespace connector::pipedrive
