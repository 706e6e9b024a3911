#pragma once

// What deals are told in: pipelines, stages and currencies. Both API versions; `order_nr` and
// `is_deleted` of v2 are `order_nr` and `active` or `active_flag` in v1.

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/deal.h"
#include "model/money.h"
#include "pipedrive/endpoint.h"
#include "pipedrive/record_parts.h"

namespace connector::pipedrive {

template <typename Record>
struct RowPage {
  std::vector<Record> rows;  // without deleted ones and those that cannot be read
  PageEnd end;
};

// UNAVAILABLE if not whole.
absl::StatusOr<RowPage<Pipeline>> DecodePipelines(std::string_view body);
absl::StatusOr<RowPage<Stage>> DecodeStages(std::string_view body);
absl::StatusOr<RowPage<Currency>> DecodeCurrencies(std::string_view body);

// GET /v1/currencies, which serves both versions; one page.
absl::StatusOr<std::vector<Currency>> ReadCurrencies(const Endpoint& endpoint,
                                                     const http::CallContext& context);

}  // namespace connector::pipedrive
