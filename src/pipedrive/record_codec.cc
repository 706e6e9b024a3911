#include "pipedrive/record_codec.h"

#include <array>
#include <optional>
#include <utility>

#include "base/status.h"
#include "http/json_members.h"
#include "pipedrive/custom_field_encoder.h"
#include "pipedrive/errors.h"
#include "pipedrive/tree_codec.h"

namespace connector::pipedrive {
namespace {

using http::JsonMembers;
using http::JsonValue;

constexpr size_t kKeyLength = 40;

// "<key>" or "<key>_currency".
bool IsFlatCustomName(std::string_view name) {
  return name.size() >= kKeyLength && IsCustomFieldKey(name.substr(0, kKeyLength)) &&
         (name.size() == kKeyLength || name[kKeyLength] == '_');
}

struct Rename {
  std::string_view v1;
  std::string_view v2;
};
constexpr std::array kRenamed = {Rename{"email", "emails"}, Rename{"phone", "phones"},
                                 Rename{"deleted", "is_deleted"}, Rename{"user_id", "owner_id"}};
constexpr std::array<std::string_view, 4> kReferences = {"owner_id", "org_id", "person_id",
                                                         "user_id"};

std::string NameInV2(std::string_view name) {
  for (const Rename& row : kRenamed) {
    if (row.v1 == name) return std::string(row.v2);
  }
  return std::string(name);
}

// A list entry of v1: `primary_flag` where v2 says `primary`.
Tree EntryInV2(Tree entry) {
  auto* members = std::get_if<Tree::Members>(&entry.value);
  if (members == nullptr) return entry;
  for (auto& [name, value] : *members) {
    if (name == "primary_flag") name = "primary";
  }
  return entry;
}

Tree ValueInV2(RecordKind kind, std::string_view name, JsonValue value) {
  for (const std::string_view reference : kReferences) {
    if (name == reference && value.kind() == JsonValue::Kind::kObject) {
      return TreeOf(value["value"].HasValue() ? value["value"] : value["id"]);
    }
  }
  const bool is_text = value.kind() == JsonValue::Kind::kText;
  if (kind == RecordKind::kOrganization && name == "address" && is_text) {
    return {Tree::Members{{"value", TreeOf(value)}}};
  }
  if (name == "active_flag" || name == "done" || name == "deleted") {
    if (const auto flag = value.Flag()) return {name == "active_flag" ? !*flag : *flag};
  }
  Tree tree = TreeOf(value);
  if (auto* list = std::get_if<Tree::List>(&tree.value)) {
    for (Tree& entry : *list) entry = EntryInV2(std::move(entry));
  }
  return tree;
}

std::optional<RecordKind> KindOf(std::string_view item) {
  for (const RecordKind kind : {RecordKind::kPerson, RecordKind::kDeal, RecordKind::kOrganization,
                                RecordKind::kActivity, RecordKind::kLead}) {
    if (RecordKindName(kind) == item) return kind;
  }
  return std::nullopt;
}

// One that could not be parsed shows its caller nothing wrong.
absl::Status CheckReadable(JsonValue value) {
  if (value.kind() == JsonValue::Kind::kObject) return absl::OkStatus();
  return Unreadable("a record is not valid JSON");
}

}  // namespace

Record DecodeRecord(RecordKind kind, JsonValue value, const WantedFields& wanted) {
  Record record;
  record.kind = kind;
  value.ForEachMember([&record](std::string_view name, JsonValue member) {
    if (name == "custom_fields" || IsFlatCustomName(name)) return;
    record.members.emplace_back(name, TreeOf(member));
  });
  record.custom_fields = kind == RecordKind::kLead
                             ? DecodeFlatCustomFields(value, wanted)
                             : DecodeCustomFields(value["custom_fields"], wanted);
  return record;
}

Record DecodeRecordV1(RecordKind kind, JsonValue value, const WantedFields& wanted) {
  Record record;
  record.kind = kind;
  value.ForEachMember([&](std::string_view name, JsonValue member) {
    if (IsFlatCustomName(name)) return;
    const std::string v2 = name == "active_flag" ? "is_deleted" : NameInV2(name);
    record.members.emplace_back(v2, ValueInV2(kind, name, member));
  });
  record.custom_fields = DecodeFlatCustomFields(value, wanted);
  return record;
}

std::string EncodeRecord(const Record& record, const FieldTypes& types) {
  const bool flat = record.kind == RecordKind::kLead;
  std::string out;
  JsonMembers body(out);
  for (const auto& [name, value] : record.members) AppendTree(body.Name(name), value);
  const auto type_of = [&types](const std::string& key) {
    const auto found = types.find(key);
    return found == types.end() ? std::string_view{} : std::string_view(found->second);
  };
  if (flat) {
    for (const auto& [key, value] : record.custom_fields) {
      AppendCustomV1(body, key, value, type_of(key));
    }
  } else if (!record.custom_fields.empty()) {
    JsonMembers fields(body.Name("custom_fields"));
    for (const auto& [key, value] : record.custom_fields) {
      AppendCustomV2(fields, key, value, type_of(key));
    }
    fields.Close();
  }
  body.Close();
  return out;
}

absl::StatusOr<Record> DecodeOneRecord(RecordKind kind, std::string_view body,
                                       const WantedFields& wanted) {
  http::JsonText json;
  if (!json.Parse(body)) return Unreadable("it is not whole, valid JSON");
  const JsonValue data = json.root()["data"];
  if (data.kind() != JsonValue::Kind::kObject) return Unreadable("it has no record `data`");
  return DecodeRecord(kind, data, wanted);
}

absl::StatusOr<RecordRows> DecodeRecords(RecordKind kind, std::string_view body,
                                         const WantedFields& wanted) {
  RecordRows rows;
  absl::Status readable;
  const NullList null_list =
      kind == RecordKind::kLead ? NullList::kIsEmpty : NullList::kIsUnreadable;
  CONNECTOR_RETURN_IF_ERROR(
      WalkPage(body, null_list, rows.end, [&](JsonValue value, std::string_view) {
        readable.Update(CheckReadable(value));
        rows.records.push_back(DecodeRecord(kind, value, wanted));
      }));
  CONNECTOR_RETURN_IF_ERROR(readable);
  return rows;
}

absl::StatusOr<RecordRows> DecodeRecents(std::string_view body,
                                         const std::map<RecordKind, FieldTypes>& types) {
  RecordRows rows;
  absl::Status readable;
  CONNECTOR_RETURN_IF_ERROR(
      WalkPage(body, NullList::kIsEmpty, rows.end, [&](JsonValue row, std::string_view) {
        readable.Update(CheckReadable(row));
        const auto kind = KindOf(row["item"].Text().value_or(""));
        // A record that was deleted for good has no data.
        if (!kind || row["data"].kind() != JsonValue::Kind::kObject) return;
        const auto own = types.find(*kind);
        const WantedFields wanted =
            WantedFields::All(own == types.end() ? FieldTypes{} : own->second);
        rows.records.push_back(DecodeRecordV1(*kind, row["data"], wanted));
      }));
  CONNECTOR_RETURN_IF_ERROR(readable);
  return rows;
}

}  // namespace connector::pipedrive
