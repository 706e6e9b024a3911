#include "pipedrive/deal_decoder.h"

#include "pipedrive/errors.h"

namespace connector::pipedrive {
namespace {

DealStatus Status(RecordReader& reader, bool deleted) {
  if (deleted) return DealStatus::kDeleted;
  const auto word = reader.Text("status");
  if (!word) return DealStatus::kOpen;
  const auto status = ParseDealStatus(*word);
  if (!status) reader.Problem("status", "is none of open, won, lost and deleted");
  return status.value_or(DealStatus::kOpen);
}

Deal CommonPart(RecordReader& reader) {
  Deal deal;
  deal.id = reader.Id();
  deal.title = reader.Text("title").value_or("");
  deal.value = reader.Number("value");
  deal.currency = reader.Text("currency").value_or("");
  deal.person_id = reader.Reference("person_id");
  deal.org_id = reader.Reference("org_id");
  deal.pipeline_id = reader.Reference("pipeline_id");
  deal.stage_id = reader.Reference("stage_id");
  deal.probability = reader.Number("probability");
  deal.lost_reason = reader.Text("lost_reason").value_or("");
  deal.is_archived = reader.Flag("is_archived").value_or(reader.TimeOf("archive_time").has_value());
  deal.add_time = reader.TimeOf("add_time");
  deal.update_time = reader.TimeOf("update_time");
  deal.stage_change_time = reader.TimeOf("stage_change_time");
  deal.won_time = reader.TimeOf("won_time");
  deal.lost_time = reader.TimeOf("lost_time");
  deal.close_time = reader.TimeOf("close_time");
  deal.expected_close_date = reader.Text("expected_close_date").value_or("");
  deal.source_lead_id = reader.Text("source_lead_id").value_or("");
  return deal;
}

}  // namespace

Deal DecodeDealV2(RecordReader& reader, const WantedFields& wanted) {
  Deal deal = CommonPart(reader);
  deal.owner_id = reader.Reference("owner_id");
  deal.status = Status(reader, reader.Flag("is_deleted").value_or(false));
  deal.custom_fields = DecodeCustomFields(reader.record()["custom_fields"], wanted);
  return deal;
}

Deal DecodeDealV1(RecordReader& reader, const WantedFields& wanted) {
  Deal deal = CommonPart(reader);
  deal.owner_id = reader.Reference("user_id");
  deal.status = Status(reader, reader.Flag("deleted").value_or(false));
  deal.custom_fields = DecodeFlatCustomFields(reader.record(), wanted);
  return deal;
}

absl::StatusOr<Deal> DecodeOneDeal(std::string_view body,
                                   Deal (*decode)(RecordReader&, const WantedFields&)) {
  http::JsonText json;
  if (!json.Parse(body)) return Unreadable("it is not whole, valid JSON");
  RecordReader reader(json.root()["data"]);
  Deal deal = decode(reader, WantedFields{Selection{}});
  if (!reader.problem().empty()) return Unreadable(reader.problem());
  return deal;
}

absl::StatusOr<Page<Deal>> DecodeDealsV2(std::string_view body) {
  const WantedFields none{Selection{}};
  auto decoded = DecodePage<Deal>(body, NullList::kIsUnreadable, [&none](RecordReader& reader) {
    return DecodeDealV2(reader, none);
  });
  if (!decoded.ok()) return decoded.status();
  decoded->page.next_cursor = std::move(decoded->end.next_cursor);
  return std::move(decoded->page);
}

absl::StatusOr<DecodedPage<Deal>> DecodeDealsV1(std::string_view body) {
  const WantedFields none{Selection{}};
  return DecodePage<Deal>(body, NullList::kIsEmpty,
                          [&none](RecordReader& reader) { return DecodeDealV1(reader, none); });
}

}  // namespace connector::pipedrive
