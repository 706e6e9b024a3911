#include "pipedrive/lead_decoder.h"

namespace connector::pipedrive {
namespace {

using http::JsonValue;

std::optional<Monetary> Amount(JsonValue value) {
  const auto amount = value["amount"].Number();
  if (!amount) return std::nullopt;
  return Monetary{*amount, value["currency"].ScalarText().value_or("")};
}

std::vector<std::string> Labels(JsonValue labels) {
  std::vector<std::string> ids;
  labels.ForEach([&ids](JsonValue entry) {
    if (auto id = entry.ScalarText()) ids.push_back(*std::move(id));
  });
  return ids;
}

}  // namespace

Lead DecodeLead(RecordReader& reader, const WantedFields& wanted) {
  Lead lead;
  lead.id = reader.Text("id").value_or("");
  if (lead.id.empty()) reader.Problem("id", "is missing");
  lead.title = reader.Text("title").value_or("");
  lead.owner_id = reader.Reference("owner_id");
  lead.person_id = reader.Reference("person_id");
  lead.org_id = reader.Reference("organization_id");
  lead.label_ids = Labels(reader.record()["label_ids"]);
  lead.source_name = reader.Text("source_name").value_or("");
  lead.value = Amount(reader.record()["value"]);
  lead.is_archived = reader.Flag("is_archived").value_or(false);
  lead.add_time = reader.TimeOf("add_time");
  lead.update_time = reader.TimeOf("update_time");
  lead.is_deleted = reader.Flag("is_deleted").value_or(false);
  const JsonValue custom = reader.record()["custom_fields"];
  lead.custom_fields = custom.HasValue() ? DecodeCustomFields(custom, wanted)
                                         : DecodeFlatCustomFields(reader.record(), wanted);
  return lead;
}

}  // namespace connector::pipedrive
