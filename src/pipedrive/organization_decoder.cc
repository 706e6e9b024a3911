#include "pipedrive/organization_decoder.h"

namespace connector::pipedrive {
namespace {

Organization CommonPart(RecordReader& reader) {
  Organization organization;
  organization.id = reader.Id();
  organization.name = reader.Text("name");
  organization.website = reader.Text("website");
  organization.owner_id = reader.Reference("owner_id");
  organization.update_time = reader.TimeOf("update_time");
  return organization;
}

// {"value": "123 Main St", "country": ...} in v2; a text in v1.
std::optional<std::string> Address(RecordReader& reader) {
  const http::JsonValue address = reader.record()["address"];
  if (address.kind() != http::JsonValue::Kind::kObject) return reader.Text("address");
  auto text = address["value"].ScalarText();
  if (text && text->empty()) return std::nullopt;
  return text;
}

}  // namespace

Organization DecodeOrganizationV2(RecordReader& reader, const WantedFields& wanted) {
  Organization organization = CommonPart(reader);
  organization.address = Address(reader);
  organization.is_deleted = reader.Flag("is_deleted").value_or(false);
  organization.custom_fields = DecodeCustomFields(reader.record()["custom_fields"], wanted);
  return organization;
}

Organization DecodeOrganizationV1(RecordReader& reader, const WantedFields& wanted) {
  Organization organization = CommonPart(reader);
  organization.address = reader.Text("address_formatted_address");
  if (!organization.address) organization.address = Address(reader);
  organization.is_deleted = !reader.Flag("active_flag").value_or(true);
  organization.custom_fields = DecodeFlatCustomFields(reader.record(), wanted);
  return organization;
}

absl::StatusOr<Page<Organization>> DecodeOrganizationsV2(std::string_view body,
                                                         const Selection& selection) {
  const WantedFields wanted(selection);
  auto decoded = DecodePage<Organization>(
      body, NullList::kIsUnreadable,
      [&wanted](RecordReader& reader) { return DecodeOrganizationV2(reader, wanted); });
  if (!decoded.ok()) return decoded.status();
  decoded->page.next_cursor = std::move(decoded->end.next_cursor);
  return std::move(decoded->page);
}

absl::StatusOr<DecodedPage<Organization>> DecodeOrganizationsV1(std::string_view body,
                                                                const Selection& selection) {
  const WantedFields wanted(selection);
  return DecodePage<Organization>(body, NullList::kIsEmpty, [&wanted](RecordReader& reader) {
    return DecodeOrganizationV1(reader, wanted);
  });
}

}  // namespace connector::pipedrive
