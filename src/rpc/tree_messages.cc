#include "rpc/tree_messages.h"

#include <string>
#include <utility>
#include <variant>

namespace connector::rpc {
namespace {

struct Filler {
  google::protobuf::Value& out;

  void operator()(std::monostate) const { out.set_null_value(google::protobuf::NULL_VALUE); }
  void operator()(bool flag) const { out.set_bool_value(flag); }
  void operator()(double number) const { out.set_number_value(number); }
  void operator()(const std::string& text) const { out.set_string_value(text); }
  void operator()(const Tree::List& list) const {
    auto& values = *out.mutable_list_value();
    for (const Tree& element : list) FillValue(element, *values.add_values());
  }
  void operator()(const Tree::Members& members) const {
    FillStruct(members, *out.mutable_struct_value());
  }
};

}  // namespace

void FillValue(const Tree& tree, google::protobuf::Value& out) {
  std::visit(Filler{out}, tree.value);
}

void FillStruct(const Tree::Members& members, google::protobuf::Struct& out) {
  for (const auto& [name, tree] : members) FillValue(tree, (*out.mutable_fields())[name]);
}

Tree TreeOf(const google::protobuf::Value& value) {
  switch (value.kind_case()) {
    case google::protobuf::Value::kBoolValue:
      return {value.bool_value()};
    case google::protobuf::Value::kNumberValue:
      return {value.number_value()};
    case google::protobuf::Value::kStringValue:
      return {value.string_value()};
    case google::protobuf::Value::kListValue: {
      Tree::List list;
      for (const auto& entry : value.list_value().values()) list.push_back(TreeOf(entry));
      return {std::move(list)};
    }
    case google::protobuf::Value::kStructValue: {
      Tree::Members members;
      for (const auto& [name, entry] : value.struct_value().fields()) {
        members.emplace_back(name, TreeOf(entry));
      }
      return {std::move(members)};
    }
    default:
      return {};
  }
}

}  // namespace connector::rpc
