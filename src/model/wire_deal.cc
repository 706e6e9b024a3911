// Pipedrive's deals.

#include "model/wire.h"
#include "model/wire_custom_fields.h"
#include "model/wire_format.h"

namespace connector {
namespace {

using wire::Reader;
using wire::Writer;

// Which of the optional fields follow, in this order.
enum DealBits : uint64_t {
  kValue = 1U << 0,
  kPerson = 1U << 1,
  kOrganization = 1U << 2,
  kOwner = 1U << 3,
  kPipeline = 1U << 4,
  kStage = 1U << 5,
  kProbability = 1U << 6,
  kArchived = 1U << 7,
  kAdded = 1U << 8,
  kUpdated = 1U << 9,
  kStageChanged = 1U << 10,
  kWon = 1U << 11,
  kLost = 1U << 12,
  kClosed = 1U << 13,
};

uint64_t BitIf(bool there, uint64_t bit) { return there ? bit : 0; }

uint64_t BitsOf(const Deal& d) {
  return BitIf(d.value.has_value(), kValue) | BitIf(d.person_id.has_value(), kPerson) |
         BitIf(d.org_id.has_value(), kOrganization) | BitIf(d.owner_id.has_value(), kOwner) |
         BitIf(d.pipeline_id.has_value(), kPipeline) | BitIf(d.stage_id.has_value(), kStage) |
         BitIf(d.probability.has_value(), kProbability) | BitIf(d.is_archived, kArchived) |
         BitIf(d.add_time.has_value(), kAdded) | BitIf(d.update_time.has_value(), kUpdated) |
         BitIf(d.stage_change_time.has_value(), kStageChanged) |
         BitIf(d.won_time.has_value(), kWon) | BitIf(d.lost_time.has_value(), kLost) |
         BitIf(d.close_time.has_value(), kClosed);
}

void WriteIf(Writer& out, std::optional<double> number) {
  if (number) out.Double(*number);
}
void WriteIf(Writer& out, std::optional<int64_t> number) {
  if (number) out.Signed(*number);
}
void WriteIf(Writer& out, std::optional<Time> time) {
  if (time) out.Instant(*time);
}
void ReadIf(Reader& in, bool there, std::optional<double>& number) {
  if (there) number = in.Double();
}
void ReadIf(Reader& in, bool there, std::optional<int64_t>& number) {
  if (there) number = in.Signed();
}
void ReadIf(Reader& in, bool there, std::optional<Time>& time) {
  if (there) time = in.Instant();
}

}  // namespace

std::string Encode(const Deal& deal) {
  Writer out(160);
  out.Signed(deal.id);
  out.Unsigned(BitsOf(deal));
  out.Name(deal.status);
  out.Text(deal.title);
  out.Text(deal.currency);
  out.Text(deal.lost_reason);
  out.Text(deal.expected_close_date);
  out.Text(deal.source_lead_id);
  WriteIf(out, deal.value);
  WriteIf(out, deal.person_id);
  WriteIf(out, deal.org_id);
  WriteIf(out, deal.owner_id);
  WriteIf(out, deal.pipeline_id);
  WriteIf(out, deal.stage_id);
  WriteIf(out, deal.probability);
  WriteIf(out, deal.add_time);
  WriteIf(out, deal.update_time);
  WriteIf(out, deal.stage_change_time);
  WriteIf(out, deal.won_time);
  WriteIf(out, deal.lost_time);
  WriteIf(out, deal.close_time);
  wire::WriteCustomFields(out, deal.custom_fields);
  return out.Finish();
}

absl::StatusOr<Deal> DecodeDeal(std::string_view bytes) {
  Reader in(bytes);
  Deal deal;
  deal.id = in.Signed();
  const uint64_t bits = in.Unsigned();
  deal.is_archived = bits & kArchived;
  deal.status = in.Name(DealStatus::kDeleted);
  deal.title = in.TextView();
  deal.currency = in.TextView();
  deal.lost_reason = in.TextView();
  deal.expected_close_date = in.TextView();
  deal.source_lead_id = in.TextView();
  ReadIf(in, bits & kValue, deal.value);
  ReadIf(in, bits & kPerson, deal.person_id);
  ReadIf(in, bits & kOrganization, deal.org_id);
  ReadIf(in, bits & kOwner, deal.owner_id);
  ReadIf(in, bits & kPipeline, deal.pipeline_id);
  ReadIf(in, bits & kStage, deal.stage_id);
  ReadIf(in, bits & kProbability, deal.probability);
  ReadIf(in, bits & kAdded, deal.add_time);
  ReadIf(in, bits & kUpdated, deal.update_time);
  ReadIf(in, bits & kStageChanged, deal.stage_change_time);
  ReadIf(in, bits & kWon, deal.won_time);
  ReadIf(in, bits & kLost, deal.lost_time);
  ReadIf(in, bits & kClosed, deal.close_time);
  deal.custom_fields = wire::ReadCustomFields(in);
  if (in.failed()) return ReadStatus(in, "deal");
  return deal;
}

}  // namespace connector
