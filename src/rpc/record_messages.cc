#include "rpc/record_messages.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "model/currency.h"
#include "pipedrive_connector/v1/common.pb.h"
#include "pipedrive_connector/v1/person.pb.h"
#include "rpc/tree_messages.h"

namespace connector::rpc {
namespace {

namespace v1 = pipedrive_connector::v1;

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

constexpr char kStatusPrefix[] = "DEAL_STATUS_";

// ---- Pipedrive's names and forms

bool IsLead(const Message& record) { return record.GetDescriptor()->name() == "Lead"; }

std::string VendorName(std::string_view name, bool lead) {
  if (name == "organization_id" && !lead) return "org_id";
  if (name == "person_ids") return "participants";
  return std::string(name);
}

const Message* MessageAt(const Message& message, const FieldDescriptor& field) {
  return &message.GetReflection()->GetMessage(message, &field);
}

std::string TextOfTree(const Tree* tree) {
  if (tree == nullptr) return "";
  if (const auto* text = std::get_if<std::string>(&tree->value)) return *text;
  const auto* number = std::get_if<double>(&tree->value);
  if (number != nullptr) return absl::StrCat(*number);
  // An address.
  const auto* members = std::get_if<Tree::Members>(&tree->value);
  return members == nullptr ? "" : TextOfTree(FindMember(*members, "value"));
}

std::optional<double> NumberOfTree(const Tree* tree) {
  if (tree == nullptr) return std::nullopt;
  if (const auto* number = std::get_if<double>(&tree->value)) return *number;
  double number = 0;
  const auto* text = std::get_if<std::string>(&tree->value);
  if (text != nullptr && absl::SimpleAtod(*text, &number)) return number;
  return std::nullopt;
}

int64_t IdOfTree(const Tree& tree) { return std::llround(NumberOfTree(&tree).value_or(0)); }

bool FlagOfTree(const Tree* tree) {
  const auto* flag = tree == nullptr ? nullptr : std::get_if<bool>(&tree->value);
  return flag != nullptr ? *flag : NumberOfTree(tree).value_or(0) != 0;
}

const Tree::List& ListOfTree(const Tree& tree) {
  static const Tree::List kEmpty;
  const auto* list = std::get_if<Tree::List>(&tree.value);
  return list == nullptr ? kEmpty : *list;
}

// Times of day come with seconds, which the contract leaves out.
std::string ShortTime(std::string text) {
  return text.size() == 8 && text[2] == ':' && text[5] == ':' ? text.substr(0, 5) : text;
}

// ---- to the contract

void FillMoney(const Tree& value, const Tree::Members& record, v1::Money& out) {
  const auto* members = std::get_if<Tree::Members>(&value.value);
  const auto amount = NumberOfTree(members == nullptr ? &value : FindMember(*members, "amount"));
  if (!amount) return;
  const std::string currency =
      TextOfTree(FindMember(members == nullptr ? record : *members, "currency"));
  out.set_amount(AmountText(*amount, currency));
  out.set_currency(currency);
}

std::vector<int64_t> IdsOf(const Tree& tree) {
  std::vector<int64_t> ids;
  for (const Tree& entry : ListOfTree(tree)) {
    const auto* members = std::get_if<Tree::Members>(&entry.value);
    if (members == nullptr) {
      ids.push_back(IdOfTree(entry));
      continue;
    }
    // A participant; the primary one is the first.
    const Tree* person = FindMember(*members, "person_id");
    if (person == nullptr) continue;
    const auto at = FlagOfTree(FindMember(*members, "primary")) ? ids.begin() : ids.end();
    ids.insert(at, IdOfTree(*person));
  }
  return ids;
}

void FillPoints(const Tree& tree, Message& out, const FieldDescriptor& field) {
  for (const Tree& entry : ListOfTree(tree)) {
    const auto* members = std::get_if<Tree::Members>(&entry.value);
    v1::ContactPoint point;
    point.set_value(TextOfTree(members == nullptr ? &entry : FindMember(*members, "value")));
    if (point.value().empty()) continue;
    if (members != nullptr) {
      point.set_label(TextOfTree(FindMember(*members, "label")));
      point.set_primary(FlagOfTree(FindMember(*members, "primary")));
    }
    out.GetReflection()->AddMessage(&out, &field)->CopyFrom(point);
  }
}

void FillCustomFields(const Tree& tree, Message& out, const FieldDescriptor& field) {
  const auto* members = std::get_if<Tree::Members>(&tree.value);
  if (members == nullptr) return;
  for (const auto& [key, value] : *members) {
    Message* const entry = out.GetReflection()->AddMessage(&out, &field);
    const auto* type = entry->GetDescriptor();
    entry->GetReflection()->SetString(entry, type->map_key(), key);
    google::protobuf::Value wrapped;
    FillValue(value, wrapped);
    entry->GetReflection()->MutableMessage(entry, type->map_value())->CopyFrom(wrapped);
  }
}

void FillMessageField(const Tree& value, const Tree::Members& record, Message& out,
                      const FieldDescriptor& field) {
  if (field.is_map()) return FillCustomFields(value, out, field);
  if (field.is_repeated()) return FillPoints(value, out, field);
  const auto& type = *field.message_type();
  if (type.full_name() == Timestamp::descriptor()->full_name()) {
    const auto time = ParseTime(TextOfTree(&value));
    if (!time) return;
    out.GetReflection()
        ->MutableMessage(&out, &field)
        ->CopyFrom(TimeUtil::MicrosecondsToTimestamp(time->time_since_epoch().count()));
  } else {
    v1::Money money;
    FillMoney(value, record, money);
    if (!money.amount().empty()) {
      out.GetReflection()->MutableMessage(&out, &field)->CopyFrom(money);
    }
  }
}

void FillField(const Tree& value, const Tree::Members& record, Message& out,
               const FieldDescriptor& field) {
  const auto* reflection = out.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT64:
      if (!field.is_repeated()) return reflection->SetInt64(&out, &field, IdOfTree(value));
      for (const int64_t id : IdsOf(value)) reflection->AddInt64(&out, &field, id);
      return;
    case FieldDescriptor::CPPTYPE_STRING:
      if (!field.is_repeated()) {
        return reflection->SetString(&out, &field, ShortTime(TextOfTree(&value)));
      }
      for (const Tree& entry : ListOfTree(value)) {
        reflection->AddString(&out, &field, TextOfTree(&entry));
      }
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->SetBool(&out, &field, FlagOfTree(&value));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      if (const auto number = NumberOfTree(&value)) reflection->SetDouble(&out, &field, *number);
      return;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* word = field.enum_type()->FindValueByName(
          kStatusPrefix + absl::AsciiStrToUpper(TextOfTree(&value)));
      if (word != nullptr) reflection->SetEnum(&out, &field, word);
      return;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FillMessageField(value, record, out, field);
    default:
      return;
  }
}

// ---- from the contract

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
  money.CopyFrom(*MessageAt(record, field));
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

bool HasValue(const Message& record, const FieldDescriptor& field) {
  const auto* reflection = record.GetReflection();
  return field.is_repeated() ? reflection->FieldSize(record, &field) > 0
                             : reflection->HasField(record, &field);
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

// ---- queries

// Members of a List...Request that aren't filters.
const std::set<std::string, std::less<>> kNoFilters = {"connection", "page_size", "page_token",
                                                       "background", "only_archived"};

std::string FilterText(const Message& request, const FieldDescriptor& field) {
  const auto* reflection = request.GetReflection();
  if (field.is_repeated()) {
    std::vector<int64_t> ids;
    for (int i = 0; i < reflection->FieldSize(request, &field); ++i) {
      ids.push_back(reflection->GetRepeatedInt64(request, &field, i));
    }
    return absl::StrJoin(ids, ",");
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(request, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::AsciiStrToLower(
          reflection->GetEnum(request, &field)->name().substr(sizeof(kStatusPrefix) - 1));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      Timestamp time;
      time.CopyFrom(*MessageAt(request, field));
      return FormatSeconds(
          Time(std::chrono::microseconds(TimeUtil::TimestampToMicroseconds(time))));
    }
    default:
      return std::to_string(reflection->GetInt64(request, &field));
  }
}

constexpr size_t kMostIds = 100;
constexpr int kLargestPage = 500;
constexpr int kDefaultPage = 100;

// FNV-1a with its parameters for 64 bits (RFC 9923): the same in every process. It guards against
// mistakes only.
std::string MarkOf(const Message& request) {
  const std::unique_ptr<Message> bare(request.New());
  bare->CopyFrom(request);
  for (const char* name : {"page_token", "background"}) {
    const auto* field = bare->GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) bare->GetReflection()->ClearField(bare.get(), field);
  }
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : absl::StrCat(request.GetDescriptor()->name(), bare->SerializeAsString())) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}
constexpr size_t kMarkLength = 16;

}  // namespace

const FieldDescriptor* NamedField(const Message& message, std::string_view name) {
  return message.GetDescriptor()->FindFieldByName(std::string(name));
}

std::string TextOf(const Message& message, std::string_view name) {
  return message.GetReflection()->GetString(message, NamedField(message, name));
}

void FillRecord(const Tree::Members& record, Message& out) {
  const auto* type = out.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor& field = *type->field(i);
    const Tree* value = FindMember(record, VendorName(field.name(), IsLead(out)));
    if (value != nullptr && !std::holds_alternative<std::monostate>(value->value)) {
      FillField(*value, record, out, field);
    }
  }
}

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

absl::StatusOr<int> PageSizeOf(int wanted) {
  if (wanted == 0) return kDefaultPage;
  if (wanted > 0 && wanted <= kLargestPage) return wanted;
  return absl::InvalidArgumentError("page_size: must be from 1 to 500");
}

absl::StatusOr<RecordsQuery> QueryOf(RecordKind kind, const Message& request) {
  const auto* reflection = request.GetReflection();
  RecordsQuery query;
  query.kind = kind;
  CONNECTOR_ASSIGN_OR_RETURN(
      query.page_size, PageSizeOf(reflection->GetInt32(request, NamedField(request, "page_size"))));
  CONNECTOR_ASSIGN_OR_RETURN(query.cursor, CursorOf(request));
  const auto* type = request.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor& field = *type->field(i);
    if (field.name() == "only_archived") query.archived = reflection->GetBool(request, &field);
    if (kNoFilters.contains(field.name()) || !HasValue(request, field)) continue;
    if (field.is_repeated() &&
        reflection->FieldSize(request, &field) > static_cast<int>(kMostIds)) {
      return absl::InvalidArgumentError("ids: at most 100 at once");
    }
    query.filters.emplace_back(VendorName(field.name(), kind == RecordKind::kLead),
                               FilterText(request, field));
  }
  const bool by_ids = NamedField(request, "ids") != nullptr &&
                      reflection->FieldSize(request, NamedField(request, "ids")) > 0;
  if (kind != RecordKind::kLead && !by_ids) query.filters.emplace_back("sort_by", "id");
  if (query.archived && kind == RecordKind::kLead &&
      HasValue(request, *NamedField(request, "updated_since"))) {
    return absl::InvalidArgumentError(
        "updated_since: Pipedrive does not take it for archived leads");
  }
  return query;
}

std::string PageTokenOf(const std::string& cursor, const Message& request) {
  if (cursor.empty()) return "";
  return absl::WebSafeBase64Escape(absl::StrCat(MarkOf(request), cursor));
}

absl::StatusOr<std::string> CursorOf(const Message& request) {
  std::string decoded;
  const std::string token = TextOf(request, "page_token");
  if (token.empty()) return decoded;
  if (!absl::WebSafeBase64Unescape(token, &decoded) || decoded.size() <= kMarkLength) {
    return absl::InvalidArgumentError("page_token: not one of this service's");
  }
  if (decoded.substr(0, kMarkLength) != MarkOf(request)) {
    return absl::InvalidArgumentError(
        "page_token: belongs to another query; all other fields must be as for the page before");
  }
  return decoded.substr(kMarkLength);
}

}  // namespace connector::rpc
