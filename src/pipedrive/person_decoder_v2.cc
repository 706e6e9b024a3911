#include "pipedrive/person_decoder_v2.h"

namespace connector::pipedrive {

Person DecodePersonV2(RecordReader& reader, const WantedFields& wanted) {
  Person person;
  person.id = reader.Id();
  person.name = reader.Text("name");
  person.first_name = reader.Text("first_name");
  person.last_name = reader.Text("last_name");
  person.emails = reader.Points("emails");
  person.phones = reader.Points("phones");
  person.org_id = reader.Reference("org_id");
  person.owner_id = reader.Reference("owner_id");
  person.add_time = reader.TimeOf("add_time");
  person.update_time = reader.TimeOf("update_time");
  person.is_deleted = reader.Flag("is_deleted").value_or(false);
  person.label_ids = reader.LabelIds();
  person.won_deals_count = reader.Count("won_deals_count");
  person.lost_deals_count = reader.Count("lost_deals_count");
  person.open_deals_count = reader.Count("open_deals_count");
  person.closed_deals_count = reader.Count("closed_deals_count");
  person.marketing_status = reader.Text("marketing_status");
  person.custom_fields = DecodeCustomFields(reader.record()["custom_fields"], wanted);
  return person;
}

absl::StatusOr<Page<Person>> DecodePersonsV2(std::string_view body, const Selection& selection) {
  const WantedFields wanted(selection);
  auto decoded = DecodePage<Person>(body, NullList::kIsUnreadable, [&wanted](RecordReader& reader) {
    return DecodePersonV2(reader, wanted);
  });
  if (!decoded.ok()) return decoded.status();
  decoded->page.next_cursor = std::move(decoded->end.next_cursor);
  return std::move(decoded->page);
}

}  // namespace connector::pipedrive
