#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "config/sections.h"
#include "config/values.h"

namespace connector::config {
namespace {

using mapping::Direction;
using mapping::FieldRule;

const std::vector<std::string_view> kDirections = {"both", "to_brevo", "to_pipedrive"};
const std::vector<std::string_view> kPolicies = {"pipedrive_wins", "brevo_wins", "latest_wins"};

// One line of the mapping while it is read.
struct Line {
  FieldRule rule;
  std::string key;  // "person_mapping.phone"
  bool has_direction = false;
  bool has_target = false;
};

bool IsCustomField(std::string_view source) {
  for (std::string_view prefix : {"custom_fields.", "org_id.custom_fields."}) {
    if (source.starts_with(prefix)) return source.size() > prefix.size();
  }
  return false;
}

bool IsAttributeName(std::string_view name) {
  return !name.empty() && name.size() <= 50 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

void CheckSource(const Line& line, Context& context) {
  const std::vector<std::string_view>& known = mapping::KnownSources();
  const std::string& source = line.rule.source;
  if (IsCustomField(source) || std::find(known.begin(), known.end(), source) != known.end()) return;
  std::string text = "is no field of a person";
  const std::string suggestion = Suggestion(source, known);
  absl::StrAppend(&text, suggestion.empty() ? "; known: " + Join(known) : suggestion);
  context.problems.Error(line.rule.line, line.key,
                         absl::StrCat(text, "; a custom field is custom_fields.NAME"));
}

void ReadTarget(const Entry& entry, const std::string& key, Context& context, Line& line) {
  const std::optional<Scalar> target = ReadScalar(entry, key, context);
  line.has_target = true;
  if (!target) return;
  if (!IsAttributeName(target->text)) {
    context.problems.Error(target->line, key,
                           absl::StrCat("\"", target->raw,
                                        "\" is no name of a Brevo attribute; allowed: up to 50 "
                                        "letters, digits, _ and -"));
    return;
  }
  line.rule.attribute = target->text;
}

void ReadDirection(const Entry& entry, const std::string& key, Context& context, Line& line) {
  const std::optional<Scalar> word = ReadScalar(entry, key, context);
  if (!word) return;
  for (Direction direction : {Direction::kBoth, Direction::kToBrevo, Direction::kToPipedrive}) {
    if (word->text != DirectionName(direction)) continue;
    line.rule.direction = direction;
    line.has_direction = true;
    return;
  }
  context.problems.Error(word->line, key,
                         absl::StrCat("\"", word->raw, "\" is not known; allowed: ",
                                      Join(kDirections), Suggestion(word->text, kDirections)));
}

void ReadPolicy(const Entry& entry, const std::string& key, Context& context, Line& line) {
  const std::optional<Scalar> word = ReadScalar(entry, key, context);
  if (!word) return;
  if (const auto policy = ParsePolicy(word->text)) {
    line.rule.on_conflict = *policy;
    return;
  }
  context.problems.Error(word->line, key,
                         absl::StrCat("\"", word->raw, "\" is not known; allowed: ",
                                      Join(kPolicies), Suggestion(word->text, kPolicies)));
}

void ReadOptions(const Entry& entry, Context& context, Line& line) {
  static const std::vector<std::string_view> known = {"to", "direction", "on_conflict"};
  for (const Entry& option : ReadMap(entry.value, line.key, entry.line, context)) {
    const std::string key = Under(line.key, option.key);
    if (option.key == "to") {
      ReadTarget(option, key, context, line);
    } else if (option.key == "direction") {
      ReadDirection(option, key, context, line);
    } else if (option.key == "on_conflict") {
      ReadPolicy(option, key, context, line);
    } else {
      context.problems.Error(
          option.line, key,
          absl::StrCat("is not known; allowed: ", Join(known), Suggestion(option.key, known)));
    }
  }
  if (!line.has_target) {
    context.problems.Error(entry.line, line.key, "has no `to`: the name of the Brevo attribute");
  }
}

// The e-mail is the contact's identity, not an attribute: the two go together or not at all.
void CheckEmail(const Line& line, Context& context) {
  const bool from_email = line.rule.source == "email";
  const bool to_email = AsciiLower(line.rule.attribute) == "email";
  if (from_email == to_email || line.rule.attribute.empty()) return;
  context.problems.Error(line.rule.line, line.key,
                         from_email ? "the e-mail address can only go to email"
                                    : "only the source email can go to email");
}

void SettleDirection(Line& line, Context& context) {
  if (!mapping::IsToBrevoOnly(line.rule.source)) return;
  if (line.has_direction && line.rule.direction != Direction::kToBrevo) {
    context.problems.Error(
        line.rule.line, line.key,
        absl::StrCat("direction: ", ToAbsl(DirectionName(line.rule.direction)),
                     " is not possible: this field flows to Brevo only; allowed: to_brevo"));
  }
  line.rule.direction = Direction::kToBrevo;
}

// Where both parts of the name are mapped the whole follows from them.
void SettleName(int explicit_line, Context& context, std::vector<mapping::FieldRule>& rules) {
  const auto find = [&rules](std::string_view source) {
    return std::find_if(rules.begin(), rules.end(),
                        [&](const mapping::FieldRule& rule) { return rule.source == source; });
  };
  const auto name = find("name");
  if (name == rules.end() || find("first_name") == rules.end() ||
      find("last_name") == rules.end()) {
    return;
  }
  if (explicit_line != 0 && name->direction != Direction::kToBrevo) {
    context.problems.Error(explicit_line, "person_mapping.name",
                           absl::StrCat("direction: ", ToAbsl(DirectionName(name->direction)),
                                        " is not possible beside first_name and last_name, which "
                                        "are written in its place; allowed: to_brevo"));
  }
  name->direction = Direction::kToBrevo;
}

}  // namespace

void ReadPersonMapping(const Entry& section, Context& context, Connection& connection) {
  std::map<std::string, int> lines;  // of attributes in lower case
  int name_line = 0;                 // that says a direction
  for (const Entry& entry : ReadMap(section.value, section.key, section.line, context)) {
    Line line;
    line.key = Under(section.key, entry.key);
    line.rule.source = entry.key;
    line.rule.line = entry.line;
    line.rule.on_conflict = connection.persons.on_conflict;
    CheckSource(line, context);
    if (entry.value.IsMap()) {
      ReadOptions(entry, context, line);
    } else {
      ReadTarget(entry, line.key, context, line);
    }
    CheckEmail(line, context);
    SettleDirection(line, context);
    if (line.rule.source == "name" && line.has_direction) name_line = line.rule.line;
    if (line.rule.attribute.empty()) continue;
    const auto [first, is_new] = lines.emplace(AsciiLower(line.rule.attribute), entry.line);
    if (!is_new) {
      context.problems.Error(entry.line, line.key,
                             absl::StrCat(line.rule.attribute, " is already written by line ",
                                          first->second, "; an attribute takes one source"));
      continue;
    }
    connection.person_mapping.push_back(std::move(line.rule));
  }
  SettleName(name_line, context, connection.person_mapping);
}

}  // namespace connector::config
