#pragma once

// How the contract's messages about records are read by the names of their fields, so that one code
// serves all five kinds.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <string_view>

namespace connector::rpc {

// What the values of the enumeration of deals' states begin with.
inline constexpr char kStatusPrefix[] = "DEAL_STATUS_";

bool IsLead(const google::protobuf::Message& record);
// A field of the contract as Pipedrive calls it.
std::string VendorName(std::string_view name, bool lead);

// By name, of any message; null if it has none of the name.
const google::protobuf::FieldDescriptor* NamedField(const google::protobuf::Message& message,
                                                    std::string_view name);
std::string TextOf(const google::protobuf::Message& message, std::string_view name);
const google::protobuf::Message& MessageAt(const google::protobuf::Message& message,
                                           const google::protobuf::FieldDescriptor& field);
bool HasValue(const google::protobuf::Message& record,
              const google::protobuf::FieldDescriptor& field);

}  // namespace connector::rpc
