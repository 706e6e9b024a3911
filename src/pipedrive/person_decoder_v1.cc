#include "pipedrive/person_decoder_v1.h"

namespace connector::pipedrive {
namespace {

std::vector<ContactPoint> Emails(RecordReader& reader) {
  auto emails = reader.Points("email");
  if (!emails.empty()) return emails;
  if (auto primary = reader.Text("primary_email"))
    emails.push_back({*std::move(primary), "", true});
  return emails;
}

}  // namespace

Person DecodePersonV1(RecordReader& reader, const Selection& selection,
                      const WantedFields& wanted) {
  Person person;
  person.id = reader.Id();
  person.name = reader.Text("name");
  person.first_name = reader.Text("first_name");
  person.last_name = reader.Text("last_name");
  person.emails = Emails(reader);
  person.phones = reader.Points("phone");
  person.org_id = reader.Reference("org_id");
  person.owner_id = reader.Reference("owner_id");
  person.add_time = reader.TimeOf("add_time");
  person.update_time = reader.TimeOf("update_time");
  person.is_deleted = !reader.Flag("active_flag").value_or(true);
  person.label_ids = reader.LabelIds();
  if (selection.deal_counts) {
    person.won_deals_count = reader.Count("won_deals_count");
    person.lost_deals_count = reader.Count("lost_deals_count");
    person.open_deals_count = reader.Count("open_deals_count");
    person.closed_deals_count = reader.Count("closed_deals_count");
  }
  person.marketing_status = reader.Text("marketing_status");
  person.custom_fields = DecodeFlatCustomFields(reader.record(), wanted);
  return person;
}

absl::StatusOr<DecodedPage<Person>> DecodePersonsV1(std::string_view body,
                                                    const Selection& selection) {
  const WantedFields wanted(selection);
  return DecodePage<Person>(body, NullList::kIsEmpty, [&](RecordReader& reader) {
    return DecodePersonV1(reader, selection, wanted);
  });
}

}  // namespace connector::pipedrive
