#include "pipedrive/webhook_decoder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "pipedrive/activity_decoder.h"
#include "pipedrive/deal_decoder.h"
#include "pipedrive/lead_decoder.h"
#include "pipedrive/organization_decoder.h"
#include "pipedrive/person_decoder_v1.h"
#include "pipedrive/person_decoder_v2.h"

namespace connector::pipedrive {
namespace {

using http::JsonValue;

// The deepest documented body has five levels (an activity's participants).
constexpr size_t kMaxDepth = 32;
// Names and ids are short; a UUID has 36 characters.
constexpr size_t kMaxName = 64;

absl::Status Bad(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("webhook: ", ToAbsl(what)));
}

SourceObject ObjectNamed(std::string_view name) {
  for (const SourceObject object :
       {SourceObject::kPerson, SourceObject::kDeal, SourceObject::kOrganization,
        SourceObject::kActivity, SourceObject::kLead, SourceObject::kPipeline, SourceObject::kStage,
        SourceObject::kNote, SourceObject::kUser}) {
    if (SourceObjectName(object) == name) return object;
  }
  return SourceObject::kOther;
}

// Version 2's words and version 1's; internal services use either.
std::optional<SourceAction> ActionNamed(std::string_view name) {
  if (name == "create" || name == "created" || name == "added") return SourceAction::kCreated;
  if (name == "change" || name == "changed" || name == "updated") return SourceAction::kChanged;
  if (name == "delete" || name == "deleted") return SourceAction::kDeleted;
  if (name == "merge" || name == "merged") return SourceAction::kMerged;
  return std::nullopt;
}

std::string ShortText(JsonValue value) {
  auto text = value.ScalarText();
  return text && text->size() <= kMaxName ? *std::move(text) : "";
}

// "2022-11-24T15:18:35.616Z", or seconds, milliseconds or microseconds since 1970: the documents
// say one thing, deliveries do another.
std::optional<Time> Timestamp(JsonValue value) {
  if (const auto text = value.Text()) {
    if (const auto time = ParseTime(*text)) return time;
  }
  const auto number = value.Integer();
  constexpr int64_t kMillis = 100'000'000'000;      // as seconds: the year 5138
  constexpr int64_t kMicros = 100'000'000'000'000;  // as milliseconds: the same
  constexpr int64_t kEnd = kMicros * 1000;
  if (!number || *number <= 0 || *number >= kEnd) return std::nullopt;
  if (*number < kMillis) return Time(std::chrono::seconds(*number));
  if (*number < kMicros) return Time(std::chrono::milliseconds(*number));
  return Time(std::chrono::microseconds(*number));
}

std::optional<int64_t> PositiveId(JsonValue value) {
  const auto id = value.Integer();
  return id && *id > 0 ? id : std::nullopt;
}

// `user` events carry their record in an array.
JsonValue Single(JsonValue record) {
  if (record.kind() != JsonValue::Kind::kArray) return record;
  JsonValue first;
  record.ForEach([&first](JsonValue entry) {
    if (first.kind() == JsonValue::Kind::kMissing) first = entry;
  });
  return first;
}

// Where each form keeps what it tells.
struct Envelope {
  JsonValue meta;
  JsonValue current;
  JsonValue previous;
  std::string object;
  std::string action;
  JsonValue id;
  bool v1 = false;
};

absl::StatusOr<Envelope> OpenEnvelope(JsonValue root) {
  Envelope out;
  out.meta = root["meta"];
  if (out.meta.kind() != JsonValue::Kind::kObject) {
    return Bad("it has neither `meta` nor `topic`, so it is no Pipedrive webhook");
  }
  out.v1 = !out.meta["entity"].HasValue();
  out.object = ShortText(out.meta[out.v1 ? "object" : "entity"]);
  if (out.object.empty()) return Bad("`meta.entity` (version 1: `meta.object`) is not a name");
  out.action = ShortText(out.meta["action"]);
  if (out.action.empty()) return Bad("`meta.action` is not a name");
  out.id = out.meta[out.v1 ? "id" : "entity_id"];
  out.current = Single(root[out.v1 ? "current" : "data"]);
  out.previous = Single(root["previous"]);
  return out;
}

template <typename Decode>
void Read(JsonValue record, SourceEvent& event, const Decode& decode) {
  RecordReader reader(record);
  auto value = decode(reader);
  if (reader.problem().empty()) event.record = std::move(value);
}

void ReadRecord(JsonValue record, bool v1, const WebhookFields& fields, SourceEvent& event) {
  if (record.kind() != JsonValue::Kind::kObject) return;
  Selection counts;
  counts.deal_counts = true;
  switch (event.object) {
    case SourceObject::kPerson:
      return Read(record, event, [&](RecordReader& reader) {
        return v1 ? DecodePersonV1(reader, counts, fields.person)
                  : DecodePersonV2(reader, fields.person);
      });
    case SourceObject::kDeal:
      return Read(record, event, [&](RecordReader& reader) {
        return v1 ? DecodeDealV1(reader, fields.deal) : DecodeDealV2(reader, fields.deal);
      });
    case SourceObject::kOrganization:
      return Read(record, event, [&](RecordReader& reader) {
        return v1 ? DecodeOrganizationV1(reader, fields.organization)
                  : DecodeOrganizationV2(reader, fields.organization);
      });
    case SourceObject::kActivity:
      return Read(record, event, [](RecordReader& reader) { return DecodeActivity(reader); });
    case SourceObject::kLead:
      return Read(record, event,
                  [&](RecordReader& reader) { return DecodeLead(reader, fields.deal); });
    default:
      return;
  }
}

// What is told of a deleted record is its last state, when it was not deleted yet.
void MarkDeleted(SourceEvent& event) {
  if (auto* deal = std::get_if<Deal>(&event.record)) deal->status = DealStatus::kDeleted;
  if (auto* person = std::get_if<Person>(&event.record)) person->is_deleted = true;
  if (auto* org = std::get_if<Organization>(&event.record)) org->is_deleted = true;
  if (auto* activity = std::get_if<Activity>(&event.record)) activity->is_deleted = true;
  if (auto* lead = std::get_if<Lead>(&event.record)) lead->is_deleted = true;
}

DealBefore ReadDealBefore(JsonValue previous) {
  RecordReader reader(previous);
  DealBefore before;
  before.stage_id = reader.Reference("stage_id");
  before.pipeline_id = reader.Reference("pipeline_id");
  before.person_id = reader.Reference("person_id");
  if (const auto word = reader.Text("status")) before.status = ParseDealStatus(*word);
  return before;
}

// Numbers, except for leads; what nobody uses may have any id or none.
absl::Status ReadId(const Envelope& envelope, JsonValue record, SourceEvent& event) {
  JsonValue id = envelope.id;
  const JsonValue own = record["id"];
  if (!id.HasValue()) id = own;
  const auto text = id.ScalarText();
  if (text && text->size() <= kMaxName) event.id = *text;
  if (event.object == SourceObject::kOther) return absl::OkStatus();
  const bool numeric = event.object != SourceObject::kLead && event.object != SourceObject::kNote;
  const auto number = PositiveId(id);
  if (event.id.empty() || (numeric && !number)) {
    return Bad(absl::StrCat("the id of the ", event.object_name, " is missing or not valid"));
  }
  if (numeric) event.id = std::to_string(*number);  // "08" and 8.0 are the same record
  if (own.HasValue() && (numeric ? own.Integer() != number : own.ScalarText() != text)) {
    return Bad("`meta` and the record name different ids");
  }
  return absl::OkStatus();
}

// The record that a merge took in; version 1 says so in the record itself.
std::optional<int64_t> MergedFrom(const Envelope& envelope, const SourceEvent& event) {
  const auto told = PositiveId(envelope.meta["merged_from_id"]);
  if (told || event.action != SourceAction::kMerged) return told;
  return PositiveId(envelope.current["merge_what_id"]);
}

void ReadMeta(const Envelope& envelope, SourceEvent& event) {
  const JsonValue meta = envelope.meta;
  event.occurred_at = Timestamp(meta["timestamp_micro"]);
  if (!event.occurred_at) event.occurred_at = Timestamp(meta["timestamp"]);
  event.company_id = PositiveId(meta["company_id"]).value_or(0);
  event.user_id = PositiveId(meta["user_id"]).value_or(0);
  event.change_source = ShortText(meta["change_source"]);
  event.bulk = meta[envelope.v1 ? "is_bulk_update" : "is_bulk_edit"].Flag().value_or(false);
  event.merged_to = PositiveId(meta["merged_to_id"]);
  event.merged_from = MergedFrom(envelope, event);
  if (event.merged_from && event.action == SourceAction::kChanged) {
    event.action = SourceAction::kMerged;
  }
  // Version 1 has no id of its own there, and that of a `user` event is the user's.
  if (!envelope.v1 && event.object != SourceObject::kUser) {
    event.event_id = ShortText(meta["id"]);
    if (event.event_id == event.id) event.event_id.clear();
  }
}

void SetKey(SourceEvent& event) {
  const auto time = event.update_time ? event.update_time : event.occurred_at;
  if (time) event.key = SourceEventKey(event.object_name, event.id, event.action, *time);
}

absl::StatusOr<SourceEvent> DecodeDelivery(JsonValue root, const WebhookFields& fields) {
  CONNECTOR_ASSIGN_OR_RETURN(const Envelope envelope, OpenEnvelope(root));
  SourceEvent event;
  event.object_name = envelope.object;
  event.action_name = envelope.action;
  const auto action = ActionNamed(envelope.action);
  if (action) event.object = ObjectNamed(envelope.object);
  event.action = action.value_or(SourceAction::kChanged);
  const bool deleted = event.action == SourceAction::kDeleted;
  const JsonValue record = deleted ? envelope.previous : envelope.current;
  CONNECTOR_RETURN_IF_ERROR(ReadId(envelope, record, event));
  ReadMeta(envelope, event);
  ReadRecord(record, envelope.v1, fields, event);
  if (deleted) {
    MarkDeleted(event);
  } else if (event.object == SourceObject::kDeal) {
    event.deal_before = ReadDealBefore(envelope.previous);
  }
  event.update_time = Timestamp(record["update_time"]);
  SetKey(event);
  return event;
}

JsonValue FirstOf(JsonValue object, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const JsonValue value = object[name]; value.HasValue()) return value;
  }
  return {};
}

JsonValue TopicId(SourceObject object, JsonValue payload) {
  switch (object) {
    case SourceObject::kDeal:
      return FirstOf(payload, {"dealId", "deal_id", "id"});
    case SourceObject::kPerson:
      return FirstOf(payload, {"personId", "person_id", "id"});
    case SourceObject::kOrganization:
      return FirstOf(payload, {"organizationId", "organization_id", "orgId", "org_id", "id"});
    case SourceObject::kActivity:
      return FirstOf(payload, {"activityId", "activity_id", "id"});
    case SourceObject::kLead:
      return FirstOf(payload, {"leadId", "lead_id", "id"});
    default:
      return FirstOf(payload, {"id"});
  }
}

absl::StatusOr<SourceEvent> DecodeTopic(JsonValue root) {
  const std::string topic = ShortText(root["topic"]);
  const size_t dot = topic.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == topic.size()) {
    return Bad("`topic` is not of the form \"deal.stage_changed\"");
  }
  const JsonValue payload = root["payload"];
  if (payload.kind() != JsonValue::Kind::kObject) return Bad("`payload` is not an object");
  SourceEvent event;
  event.hint = true;
  event.object_name = topic.substr(0, dot);
  event.action_name = topic.substr(dot + 1);
  event.object = ObjectNamed(event.object_name);
  event.action = ActionNamed(event.action_name).value_or(SourceAction::kChanged);
  Envelope envelope;
  envelope.id = TopicId(event.object, payload);
  CONNECTOR_RETURN_IF_ERROR(ReadId(envelope, {}, event));
  if (event.object == SourceObject::kDeal) {
    event.deal_before.stage_id =
        PositiveId(FirstOf(payload, {"previousStage", "previousStageId", "previous_stage"}));
  }
  event.event_id = ShortText(FirstOf(root, {"eventId", "event_id", "messageId", "id"}));
  event.update_time = Timestamp(FirstOf(payload, {"updateTime", "update_time"}));
  event.occurred_at = Timestamp(FirstOf(root, {"timestamp", "occurredAt", "occurred_at", "time"}));
  SetKey(event);
  return event;
}

}  // namespace

absl::StatusOr<SourceEvent> DecodeWebhook(std::string_view body, const WebhookFields& fields) {
  if (body.size() > kMaxWebhookBytes) {
    return Bad(absl::StrCat("the body is larger than ", kMaxWebhookBytes, " bytes"));
  }
  http::JsonText json;
  if (!json.Parse(body, kMaxDepth)) {
    return Bad("the body is not one whole JSON value in UTF-8, or is nested too deeply");
  }
  const JsonValue root = json.root();
  if (root.kind() != JsonValue::Kind::kObject) return Bad("the body is not a JSON object");
  return root["topic"].HasValue() ? DecodeTopic(root) : DecodeDelivery(root, fields);
}

}  // namespace connector::pipedrive
