#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "config/sections.h"

namespace connector::config {

void ReadCreatePersonsFrom(const Entry& section, Context& context, Connection& connection) {
  if (section.value.IsNull()) return;
  if (!section.value.IsSequence()) {
    context.problems.Error(LineOf(section.value, section.line), section.key,
                           "must be a list of ids of Brevo lists, such as [60, 61]");
    return;
  }
  int index = 0;
  std::vector<int64_t>& lists = connection.persons.create_persons_from;
  for (const YAML::Node& node : section.value) {
    const std::string key = absl::StrCat(section.key, "[", index++, "]");
    const Entry entry{.key = key, .line = LineOf(node, section.line), .value = node};
    const std::optional<Scalar> scalar = ReadScalar(entry, key, context);
    if (!scalar) continue;
    int64_t id = 0;
    if (!absl::SimpleAtoi(scalar->text, &id) || id <= 0) {
      context.problems.Error(
          scalar->line, key,
          absl::StrCat("\"", scalar->raw, "\" is no list; allowed: the number of a Brevo list"));
      continue;
    }
    lists.push_back(id);
  }
  std::sort(lists.begin(), lists.end());
  lists.erase(std::unique(lists.begin(), lists.end()), lists.end());
}

}  // namespace connector::config
