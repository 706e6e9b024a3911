#include "pipedrive/sales_decoder.h"

#include <algorithm>

#include "base/status.h"
#include "pipedrive/operations.h"

namespace connector::pipedrive {
namespace {

using http::JsonValue;

bool IsDeleted(JsonValue record) {
  if (const auto deleted = record["is_deleted"].Flag()) return *deleted;
  for (const std::string_view name : {"active", "active_flag"}) {
    if (const auto active = record[name].Flag()) return !*active;
  }
  return false;
}

// `read` returns false for a row that is of no use.
template <typename Record, typename Read>
absl::StatusOr<RowPage<Record>> DecodeRows(std::string_view body, const Read& read) {
  RowPage<Record> page;
  const absl::Status status =
      WalkPage(body, NullList::kIsEmpty, page.end, [&](JsonValue value, std::string_view) {
        RecordReader reader(value);
        Record record;
        if (read(reader, record)) page.rows.push_back(std::move(record));
      });
  if (!status.ok()) return status;
  return page;
}

}  // namespace

absl::StatusOr<RowPage<Pipeline>> DecodePipelines(std::string_view body) {
  return DecodeRows<Pipeline>(body, [](RecordReader& reader, Pipeline& pipeline) {
    pipeline.id = reader.Id();
    pipeline.name = reader.Text("name").value_or("");
    pipeline.order = reader.Count("order_nr").value_or(0);
    return pipeline.id > 0 && !IsDeleted(reader.record());
  });
}

absl::StatusOr<RowPage<Stage>> DecodeStages(std::string_view body) {
  return DecodeRows<Stage>(body, [](RecordReader& reader, Stage& stage) {
    stage.id = reader.Id();
    stage.name = reader.Text("name").value_or("");
    stage.pipeline_id = reader.Reference("pipeline_id").value_or(0);
    stage.order = reader.Count("order_nr").value_or(0);
    stage.probability = reader.Number("deal_probability");
    return stage.id > 0 && !IsDeleted(reader.record());
  });
}

absl::StatusOr<RowPage<Currency>> DecodeCurrencies(std::string_view body) {
  return DecodeRows<Currency>(body, [](RecordReader& reader, Currency& currency) {
    constexpr int64_t kMostDecimals = 6;  // more than any currency has
    currency.code = reader.Text("code").value_or("");
    currency.decimals = static_cast<int>(
        std::clamp(reader.Count("decimal_points").value_or(2), int64_t{0}, kMostDecimals));
    return !currency.code.empty();
  });
}

absl::StatusOr<std::vector<Currency>> ReadCurrencies(const Endpoint& endpoint,
                                                     const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(
      RowPage<Currency> page,
      endpoint.GetDecoded<RowPage<Currency>>(
          kListCurrencies, endpoint.At("/api/v1/currencies"), context,
          [](const http::Response& response) { return DecodeCurrencies(response.body); }));
  return std::move(page.rows);
}

}  // namespace connector::pipedrive
