#include "rpc/record_reflection.h"

namespace connector::rpc {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsLead(const Message& record) { return record.GetDescriptor()->name() == "Lead"; }

std::string VendorName(std::string_view name, bool lead) {
  if (name == "organization_id" && !lead) return "org_id";
  if (name == "person_ids") return "participants";
  return std::string(name);
}

const Message& MessageAt(const Message& message, const FieldDescriptor& field) {
  return message.GetReflection()->GetMessage(message, &field);
}

const FieldDescriptor* NamedField(const Message& message, std::string_view name) {
  return message.GetDescriptor()->FindFieldByName(std::string(name));
}

std::string TextOf(const Message& message, std::string_view name) {
  return message.GetReflection()->GetString(message, NamedField(message, name));
}

bool HasValue(const Message& record, const FieldDescriptor& field) {
  const auto* reflection = record.GetReflection();
  return field.is_repeated() ? reflection->FieldSize(record, &field) > 0
                             : reflection->HasField(record, &field);
}

}  // namespace connector::rpc
