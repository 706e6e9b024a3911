#include "pipedrive/activity_decoder.h"

#include <algorithm>

namespace connector::pipedrive {
namespace {

using http::JsonValue;

// Webhooks write {"value": "15:00:00", "timezone_id": 3}, the APIs "15:00" or "15:00:00".
std::string TimeOfDay(const RecordReader& reader, std::string_view name) {
  const JsonValue value = reader.record()[name];
  return (value.kind() == JsonValue::Kind::kObject ? value["value"] : value)
      .ScalarText()
      .value_or("");
}

void ReadParticipants(const RecordReader& reader, Activity& activity) {
  reader.record()["participants"].ForEach([&activity](JsonValue entry) {
    const auto id = entry["person_id"].Integer();
    if (!id) return;
    activity.participants.push_back(*id);
    const JsonValue primary = entry["primary"];
    const bool is_primary =
        (primary.HasValue() ? primary : entry["primary_flag"]).Flag().value_or(false);
    if (is_primary && !activity.person_id) activity.person_id = *id;
  });
  if (!activity.person_id) return;
  const int64_t person = *activity.person_id;
  auto& all = activity.participants;
  if (std::find(all.begin(), all.end(), person) == all.end()) all.insert(all.begin(), person);
}

bool IsDeleted(const RecordReader& reader) {
  return reader.Flag("is_deleted").value_or(!reader.Flag("active_flag").value_or(true));
}

}  // namespace

Activity DecodeActivity(RecordReader& reader) {
  Activity activity;
  activity.id = reader.Id();
  activity.subject = reader.Text("subject").value_or("");
  activity.type = reader.Text("type").value_or("");
  activity.done = reader.Flag("done").value_or(false);
  activity.due_date = reader.Text("due_date").value_or("");
  activity.due_time = TimeOfDay(reader, "due_time");
  activity.duration = TimeOfDay(reader, "duration");
  activity.owner_id = reader.Reference("owner_id");
  if (!activity.owner_id) activity.owner_id = reader.Reference("user_id");
  activity.deal_id = reader.Reference("deal_id");
  activity.lead_id = reader.Text("lead_id").value_or("");
  activity.org_id = reader.Reference("org_id");
  activity.person_id = reader.Reference("person_id");
  ReadParticipants(reader, activity);
  activity.marked_as_done_time = reader.TimeOf("marked_as_done_time");
  activity.add_time = reader.TimeOf("add_time");
  activity.update_time = reader.TimeOf("update_time");
  activity.is_deleted = IsDeleted(reader);
  return activity;
}

absl::StatusOr<DecodedPage<Activity>> DecodeActivities(std::string_view body, NullList null_list) {
  return DecodePage<Activity>(body, null_list,
                              [](RecordReader& reader) { return DecodeActivity(reader); });
}

}  // namespace connector::pipedrive
