#include "rpc/record_messages.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include <cmath>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/time_format.h"
#include "model/currency.h"
#include "pipedrive_connector/v1/common.pb.h"
#include "pipedrive_connector/v1/person.pb.h"
#include "rpc/record_reflection.h"
#include "rpc/tree_messages.h"

namespace connector::rpc {
namespace {

namespace v1 = pipedrive_connector::v1;

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

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

}  // namespace

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

}  // namespace connector::rpc
