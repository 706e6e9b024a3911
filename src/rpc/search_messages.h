#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/search.h"
#include "pipedrive_connector/v1/service.pb.h"

namespace connector::rpc {

// The normalized query of a request for the connection of this name. INVALID_ARGUMENT names the
// field: also where the page token is not one of this query.
absl::StatusOr<SearchQuery> ToSearchQuery(
    const pipedrive_connector::v1::SearchItemsRequest& request, std::string_view connection);

// The page that the query found.
void FillSearchResponse(const SearchPage& page, const SearchQuery& query,
                        std::string_view connection,
                        pipedrive_connector::v1::SearchItemsResponse& response);

}  // namespace connector::rpc
