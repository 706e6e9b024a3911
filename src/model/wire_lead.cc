// Pipedrive's leads; without custom fields, which nothing reads.

#include "model/wire.h"
#include "model/wire_format.h"

namespace connector {
namespace {

using wire::Reader;
using wire::Writer;

// Which of the optional fields follow, in this order.
enum LeadBits : uint64_t {
  kOwner = 1U << 0,
  kPerson = 1U << 1,
  kOrganization = 1U << 2,
  kValue = 1U << 3,
  kArchived = 1U << 4,
  kDeleted = 1U << 5,
  kAdded = 1U << 6,
  kUpdated = 1U << 7,
};

uint64_t BitIf(bool there, uint64_t bit) { return there ? bit : 0; }

uint64_t BitsOf(const Lead& lead) {
  return BitIf(lead.owner_id.has_value(), kOwner) | BitIf(lead.person_id.has_value(), kPerson) |
         BitIf(lead.org_id.has_value(), kOrganization) | BitIf(lead.value.has_value(), kValue) |
         BitIf(lead.is_archived, kArchived) | BitIf(lead.is_deleted, kDeleted) |
         BitIf(lead.add_time.has_value(), kAdded) | BitIf(lead.update_time.has_value(), kUpdated);
}

}  // namespace

std::string Encode(const Lead& lead) {
  Writer out(160);
  out.Text(lead.id);
  out.Unsigned(BitsOf(lead));
  out.Text(lead.title);
  out.Text(lead.source_name);
  out.Unsigned(lead.label_ids.size());
  for (const std::string& id : lead.label_ids) out.Text(id);
  if (lead.owner_id) out.Signed(*lead.owner_id);
  if (lead.person_id) out.Signed(*lead.person_id);
  if (lead.org_id) out.Signed(*lead.org_id);
  if (lead.value) {
    out.Double(lead.value->amount);
    out.Text(lead.value->currency);
  }
  if (lead.add_time) out.Instant(*lead.add_time);
  if (lead.update_time) out.Instant(*lead.update_time);
  return out.Finish();
}

absl::StatusOr<Lead> DecodeLead(std::string_view bytes) {
  Reader in(bytes);
  Lead lead;
  lead.id = in.Text();
  const uint64_t bits = in.Unsigned();
  lead.is_archived = bits & kArchived;
  lead.is_deleted = bits & kDeleted;
  lead.title = in.Text();
  lead.source_name = in.Text();
  lead.label_ids.resize(in.Count());
  for (std::string& id : lead.label_ids) id = in.Text();
  if (bits & kOwner) lead.owner_id = in.Signed();
  if (bits & kPerson) lead.person_id = in.Signed();
  if (bits & kOrganization) lead.org_id = in.Signed();
  if (bits & kValue) {
    const double amount = in.Double();
    lead.value = Monetary{amount, in.Text()};
  }
  if (bits & kAdded) lead.add_time = in.Instant();
  if (bits & kUpdated) lead.update_time = in.Instant();
  if (in.failed()) return wire::ReadStatus(in, "lead");
  return lead;
}

}  // namespace connector
