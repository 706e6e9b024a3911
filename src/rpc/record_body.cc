#include "rpc/record_body.h"

#include <google/protobuf/struct.pb.h>

#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "pipedrive_connector/v1/common.pb.h"
#include "pipedrive_connector/v1/person.pb.h"
#include "rpc/record_reflection.h"
#include "rpc/tree_messages.h"

namespace connector::rpc {
namespace {

namespace v1 = pipedrive_connector::v1;

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What Pipedrive sets by itself stands behind what may be written.
bool IsWritable(const FieldDescriptor& field) {
  const auto* type = field.containing_type();
  const auto* first = type->FindFieldByName("source_name");
  if (first == nullptr) first = type->FindFieldByName("add_time");
  return field.name() != "id" && field.number() < first->number();
}

Tree PointsOf(const Message& record, const FieldDescriptor& field) {
  Tree::List list;
  const int count = record.GetReflection()->FieldSize(record, &field);
  for (int i = 0; i < count; ++i) {
    v1::ContactPoint point;
    point.CopyFrom(record.GetReflection()->GetRepeatedMessage(record, &field, i));
    Tree::Members members = {{"value", {point.value()}}, {"primary", {point.primary()}}};
    if (!point.label().empty()) members.emplace_back("label", Tree{point.label()});
    list.push_back({std::move(members)});
  }
  return {std::move(list)};
}

Tree ListOf(const Message& record, const FieldDescriptor& field) {
  const auto* reflection = record.GetReflection();
  Tree::List list;
  for (int i = 0; i < reflection->FieldSize(record, &field); ++i) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      list.push_back({reflection->GetRepeatedString(record, &field, i)});
      continue;
    }
    const auto id = static_cast<double>(reflection->GetRepeatedInt64(record, &field, i));
    if (field.name() == "person_ids") {
      list.push_back({Tree::Members{{"person_id", {id}}, {"primary", {i == 0}}}});
    } else {
      list.push_back({id});
    }
  }
  return {std::move(list)};
}

std::map<std::string, Tree> CustomFieldsOf(const Message& record, const FieldDescriptor& field) {
  const auto* reflection = record.GetReflection();
  std::map<std::string, Tree> fields;
  for (int i = 0; i < reflection->FieldSize(record, &field); ++i) {
    const Message& entry = reflection->GetRepeatedMessage(record, &field, i);
    const auto* type = entry.GetDescriptor();
    google::protobuf::Value value;
    value.CopyFrom(entry.GetReflection()->GetMessage(entry, type->map_value()));
    fields[entry.GetReflection()->GetString(entry, type->map_key())] = TreeOf(value);
  }
  return fields;
}

absl::Status AddMoney(const Message& record, const FieldDescriptor& field, bool lead,
                      Tree::Members& body) {
  v1::Money money;
  money.CopyFrom(MessageAt(record, field));
  double amount = 0;
  if (!absl::SimpleAtod(money.amount(), &amount) || !std::isfinite(amount)) {
    return absl::InvalidArgumentError("value.amount: must be a decimal number such as \"1234.50\"");
  }
  if (lead) {
    if (money.currency().empty()) return absl::InvalidArgumentError("value.currency: is missing");
    body.emplace_back("value",
                      Tree{Tree::Members{{"amount", {amount}}, {"currency", {money.currency()}}}});
    return absl::OkStatus();
  }
  body.emplace_back("value", Tree{amount});
  if (!money.currency().empty()) body.emplace_back("currency", Tree{money.currency()});
  return absl::OkStatus();
}

// "08:30" as Pipedrive writes it.
std::string LongTime(const FieldDescriptor& field, std::string text) {
  const bool time = field.name() == "due_time" || field.name() == "duration";
  return time && text.size() == 5 ? text + ":00" : text;
}

absl::StatusOr<Tree> ScalarOf(const Message& record, const FieldDescriptor& field) {
  const auto* reflection = record.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT64:
      return Tree{static_cast<double>(reflection->GetInt64(record, &field))};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Tree{reflection->GetDouble(record, &field)};
    case FieldDescriptor::CPPTYPE_BOOL:
      return Tree{reflection->GetBool(record, &field)};
    case FieldDescriptor::CPPTYPE_ENUM: {
      const std::string word = absl::AsciiStrToLower(
          reflection->GetEnum(record, &field)->name().substr(sizeof(kStatusPrefix) - 1));
      if (word == "open" || word == "won" || word == "lost") return Tree{word};
      return absl::InvalidArgumentError("status: must be OPEN, WON or LOST");
    }
    default: {
      std::string text = LongTime(field, reflection->GetString(record, &field));
      if (field.name() != "address") return Tree{std::move(text)};
      return Tree{Tree::Members{{"value", {std::move(text)}}}};
    }
  }
}

// What clears a field in Pipedrive, which takes null only where its description says so: of few
// fields. Nothing where there is no way.
std::optional<Tree> ClearedValue(const Message& record, const FieldDescriptor& field) {
  static const std::set<std::string, std::less<>> kNullable = {
      "Deal.probability",     "Deal.lost_reason", "Lead.person_id",
      "Lead.organization_id", "Lead.value",       "Lead.expected_close_date",
  };
  static const std::set<std::string, std::less<>> kEmptyText = {
      "Person.first_name", "Person.last_name", "Activity.note"};
  const std::string name = absl::StrCat(record.GetDescriptor()->name(), ".", field.name());
  if (kNullable.count(name) > 0) return Tree{};
  if (kEmptyText.count(name) > 0) return Tree{std::string()};
  if (name == "Deal.value") return Tree{0.0};
  return std::nullopt;
}

absl::Status AddField(const Message& record, const FieldDescriptor& field, Tree::Members& body) {
  const bool lead = IsLead(record);
  const std::string name = VendorName(field.name(), lead);
  if (field.is_repeated()) {
    body.emplace_back(name, field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE
                                ? PointsOf(record, field)
                                : ListOf(record, field));
    return absl::OkStatus();
  }
  const bool is_flag = field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
  if (!HasValue(record, field) && !is_flag) {
    std::optional<Tree> cleared = ClearedValue(record, field);
    if (!cleared) {
      return absl::InvalidArgumentError(absl::StrCat(
          "update_mask: ", field.name(), " of a ",
          absl::AsciiStrToLower(record.GetDescriptor()->name()),
          " cannot be cleared through Pipedrive's API; give it a value, or clear it in "
          "Pipedrive itself"));
    }
    body.emplace_back(name, *std::move(cleared));
    return absl::OkStatus();
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return AddMoney(record, field, lead, body);
  }
  CONNECTOR_ASSIGN_OR_RETURN(Tree value, ScalarOf(record, field));
  body.emplace_back(name, std::move(value));
  return absl::OkStatus();
}

// Which fields are to be written, and which custom ones.
struct Selected {
  std::vector<const FieldDescriptor*> fields;
  bool all_custom = false;
  std::vector<std::string> custom;
};

absl::StatusOr<Selected> SelectMasked(const Message& record,
                                      const google::protobuf::FieldMask& mask) {
  constexpr std::string_view kCustom = "custom_fields.";
  Selected selected;
  for (const std::string& path : mask.paths()) {
    if (std::string_view(path).starts_with(kCustom)) {
      selected.custom.push_back(path.substr(kCustom.size()));
      continue;
    }
    const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName(path);
    if (field == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("update_mask: a ", record.GetDescriptor()->name(), " has no field ", path));
    }
    if (field->is_map()) selected.all_custom = true;
    if (!field->is_map() && IsWritable(*field)) selected.fields.push_back(field);
  }
  return selected;
}

Selected SelectSet(const Message& record) {
  Selected selected;
  selected.all_custom = true;
  const auto* type = record.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (!field->is_map() && IsWritable(*field) && HasValue(record, *field)) {
      selected.fields.push_back(field);
    }
  }
  return selected;
}

void AddCustomFields(const Message& record, const Selected& selected, Tree::Members& body) {
  const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName("custom_fields");
  if (field == nullptr) return;
  std::map<std::string, Tree> given = CustomFieldsOf(record, *field);
  Tree::Members custom;
  for (const std::string& name : selected.custom) {
    const auto found = given.find(name);
    custom.emplace_back(name, found == given.end() ? Tree{} : found->second);
  }
  if (selected.all_custom) custom.insert(custom.end(), given.begin(), given.end());
  if (!custom.empty()) body.emplace_back("custom_fields", Tree{std::move(custom)});
}

}  // namespace

absl::StatusOr<Tree::Members> BodyOf(RecordKind kind, const Message& record,
                                     const google::protobuf::FieldMask* mask) {
  Selected selected = SelectSet(record);
  if (mask != nullptr && mask->paths_size() > 0) {
    CONNECTOR_ASSIGN_OR_RETURN(selected, SelectMasked(record, *mask));
  }
  Tree::Members body;
  for (const FieldDescriptor* field : selected.fields) {
    CONNECTOR_RETURN_IF_ERROR(AddField(record, *field, body));
  }
  AddCustomFields(record, selected, body);
  if (!body.empty()) return body;
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(RecordKindName(kind)), ": holds nothing to write"));
}

}  // namespace connector::rpc
