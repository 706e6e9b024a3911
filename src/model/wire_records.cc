// Pipedrive's records: persons and organizations.

#include "model/wire.h"
#include "model/wire_custom_fields.h"
#include "model/wire_format.h"

namespace connector {
namespace {

using wire::ReadCustomFields;
using wire::Reader;
using wire::WriteCustomFields;
using wire::Writer;

// Which of the optional fields follow, in this order.
enum PersonBits : uint64_t {
  kName = 1U << 0,
  kFirstName = 1U << 1,
  kLastName = 1U << 2,
  kOrgId = 1U << 3,
  kOwnerId = 1U << 4,
  kAddTime = 1U << 5,
  kUpdateTime = 1U << 6,
  kDeleted = 1U << 7,
  kWon = 1U << 8,
  kLost = 1U << 9,
  kOpen = 1U << 10,
  kClosed = 1U << 11,
  kMarketing = 1U << 12,
};
enum OrganizationBits : uint64_t {
  kOrgName = 1U << 0,
  kAddress = 1U << 1,
  kWebsite = 1U << 2,
  kOrgOwner = 1U << 3,
  kOrgUpdated = 1U << 4,
  kOrgDeleted = 1U << 5,
};

void WritePoints(Writer& out, const std::vector<ContactPoint>& points) {
  out.Unsigned(points.size());
  for (const ContactPoint& point : points) {
    out.Text(point.value);
    out.Text(point.label);
    out.Bool(point.primary);
  }
}

std::vector<ContactPoint> ReadPoints(Reader& in) {
  std::vector<ContactPoint> points(in.Count());
  for (ContactPoint& point : points) {
    point.value = in.TextView();
    point.label = in.TextView();
    point.primary = in.Bool();
  }
  return points;
}

void WriteIf(Writer& out, const std::optional<std::string>& text) {
  if (text) out.Text(*text);
}
void WriteIf(Writer& out, std::optional<int64_t> number) {
  if (number) out.Signed(*number);
}
void WriteIf(Writer& out, std::optional<Time> time) {
  if (time) out.Instant(*time);
}
void ReadIf(Reader& in, bool there, std::optional<std::string>& text) {
  if (there) text.emplace(in.TextView());
}
void ReadIf(Reader& in, bool there, std::optional<int64_t>& number) {
  if (there) number = in.Signed();
}
void ReadIf(Reader& in, bool there, std::optional<Time>& time) {
  if (there) time = in.Instant();
}

uint64_t BitIf(bool there, uint64_t bit) { return there ? bit : 0; }

uint64_t BitsOf(const Person& p) {
  return BitIf(p.name.has_value(), kName) | BitIf(p.first_name.has_value(), kFirstName) |
         BitIf(p.last_name.has_value(), kLastName) | BitIf(p.org_id.has_value(), kOrgId) |
         BitIf(p.owner_id.has_value(), kOwnerId) | BitIf(p.add_time.has_value(), kAddTime) |
         BitIf(p.update_time.has_value(), kUpdateTime) | BitIf(p.is_deleted, kDeleted) |
         BitIf(p.won_deals_count.has_value(), kWon) | BitIf(p.lost_deals_count.has_value(), kLost) |
         BitIf(p.open_deals_count.has_value(), kOpen) |
         BitIf(p.closed_deals_count.has_value(), kClosed) |
         BitIf(p.marketing_status.has_value(), kMarketing);
}

uint64_t BitsOf(const Organization& o) {
  return BitIf(o.name.has_value(), kOrgName) | BitIf(o.address.has_value(), kAddress) |
         BitIf(o.website.has_value(), kWebsite) | BitIf(o.owner_id.has_value(), kOrgOwner) |
         BitIf(o.update_time.has_value(), kOrgUpdated) | BitIf(o.is_deleted, kOrgDeleted);
}

}  // namespace

std::string Encode(const Person& person) {
  Writer out(256);
  out.Signed(person.id);
  out.Unsigned(BitsOf(person));
  WriteIf(out, person.name);
  WriteIf(out, person.first_name);
  WriteIf(out, person.last_name);
  WriteIf(out, person.org_id);
  WriteIf(out, person.owner_id);
  WriteIf(out, person.add_time);
  WriteIf(out, person.update_time);
  WriteIf(out, person.won_deals_count);
  WriteIf(out, person.lost_deals_count);
  WriteIf(out, person.open_deals_count);
  WriteIf(out, person.closed_deals_count);
  WriteIf(out, person.marketing_status);
  WritePoints(out, person.emails);
  WritePoints(out, person.phones);
  out.Numbers(person.label_ids);
  WriteCustomFields(out, person.custom_fields);
  return out.Finish();
}

absl::StatusOr<Person> DecodePerson(std::string_view bytes) {
  Reader in(bytes);
  Person person;
  person.id = in.Signed();
  const uint64_t bits = in.Unsigned();
  person.is_deleted = bits & kDeleted;
  ReadIf(in, bits & kName, person.name);
  ReadIf(in, bits & kFirstName, person.first_name);
  ReadIf(in, bits & kLastName, person.last_name);
  ReadIf(in, bits & kOrgId, person.org_id);
  ReadIf(in, bits & kOwnerId, person.owner_id);
  ReadIf(in, bits & kAddTime, person.add_time);
  ReadIf(in, bits & kUpdateTime, person.update_time);
  ReadIf(in, bits & kWon, person.won_deals_count);
  ReadIf(in, bits & kLost, person.lost_deals_count);
  ReadIf(in, bits & kOpen, person.open_deals_count);
  ReadIf(in, bits & kClosed, person.closed_deals_count);
  ReadIf(in, bits & kMarketing, person.marketing_status);
  person.emails = ReadPoints(in);
  person.phones = ReadPoints(in);
  person.label_ids = in.Numbers();
  person.custom_fields = ReadCustomFields(in);
  if (in.failed()) return ReadStatus(in, "person");
  return person;
}

std::string Encode(const Organization& organization) {
  Writer out(128);
  out.Signed(organization.id);
  out.Unsigned(BitsOf(organization));
  WriteIf(out, organization.name);
  WriteIf(out, organization.address);
  WriteIf(out, organization.website);
  WriteIf(out, organization.owner_id);
  WriteIf(out, organization.update_time);
  WriteCustomFields(out, organization.custom_fields);
  return out.Finish();
}

absl::StatusOr<Organization> DecodeOrganization(std::string_view bytes) {
  Reader in(bytes);
  Organization organization;
  organization.id = in.Signed();
  const uint64_t bits = in.Unsigned();
  organization.is_deleted = bits & kOrgDeleted;
  ReadIf(in, bits & kOrgName, organization.name);
  ReadIf(in, bits & kAddress, organization.address);
  ReadIf(in, bits & kWebsite, organization.website);
  ReadIf(in, bits & kOrgOwner, organization.owner_id);
  ReadIf(in, bits & kOrgUpdated, organization.update_time);
  organization.custom_fields = ReadCustomFields(in);
  if (in.failed()) return ReadStatus(in, "organization");
  return organization;
}

}  // namespace connector
