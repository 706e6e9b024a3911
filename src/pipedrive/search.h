#pragma once

// itemSearch, which the two API versions have in common but for the paging.

#include <string_view>

#include "absl/status/statusor.h"
#include "http/url.h"
#include "model/search.h"
#include "pipedrive/record_parts.h"

namespace connector::pipedrive {

// The query parameters of a normalized query, the page aside.
void AddSearch(http::Url& url, const SearchQuery& query);

struct DecodedSearch {
  SearchPage page;  // its next_cursor is for the client to set
  PageEnd end;
};

// An item that is no object, or has no id, is left out; whatever else is odd costs only itself.
absl::StatusOr<DecodedSearch> DecodeSearch(std::string_view body, NullList null_list);

}  // namespace connector::pipedrive
