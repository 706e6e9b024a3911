#include "pipedrive/tree_codec.h"

#include <utility>

#include "base/log.h"
#include "http/json_members.h"

namespace connector::pipedrive {
namespace {

using http::JsonValue;

constexpr int kDeepest = 16;

struct Writer {
  std::string& out;

  void operator()(std::monostate) const { out += "null"; }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
  void operator()(double number) const {
    if (!http::AppendJsonNumber(out, number)) out += "null";
  }
  void operator()(const std::string& text) const { AppendJsonString(out, text); }
  void operator()(const Tree::List& list) const {
    out.push_back('[');
    for (const Tree& element : list) {
      if (&element != &list.front()) out.push_back(',');
      AppendTree(out, element);
    }
    out.push_back(']');
  }
  void operator()(const Tree::Members& members) const {
    http::JsonMembers object(out);
    for (const auto& [name, value] : members) AppendTree(object.Name(name), value);
    object.Close();
  }
};

}  // namespace

Tree TreeOf(JsonValue value, int depth) {
  switch (value.kind()) {
    case JsonValue::Kind::kFlag:
      return {*value.Flag()};
    case JsonValue::Kind::kNumber:
      return {value.Number().value_or(0)};
    case JsonValue::Kind::kText:
      return {std::string(*value.Text())};
    case JsonValue::Kind::kArray: {
      Tree::List list;
      if (depth < kDeepest) {
        value.ForEach([&](JsonValue element) { list.push_back(TreeOf(element, depth + 1)); });
      }
      return {std::move(list)};
    }
    case JsonValue::Kind::kObject: {
      Tree::Members members;
      if (depth < kDeepest) {
        value.ForEachMember([&](std::string_view name, JsonValue member) {
          members.emplace_back(name, TreeOf(member, depth + 1));
        });
      }
      return {std::move(members)};
    }
    case JsonValue::Kind::kMissing:
    case JsonValue::Kind::kNull:
      break;
  }
  return {};
}

void AppendTree(std::string& out, const Tree& tree) { std::visit(Writer{out}, tree.value); }

}  // namespace connector::pipedrive
