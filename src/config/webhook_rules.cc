#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "config/addresses.h"
#include "config/sections.h"
#include "config/values.h"

namespace connector::config {
namespace {

// One key of a rule and what it may say; no words means an event's name.
struct RuleKey {
  std::string_view name;
  std::string WebhookRule::*member;
  std::vector<std::string_view> words;
};

const std::array<RuleKey, 3>& RuleKeys() {
  static const std::array<RuleKey, 3> keys = {{
      {"event_action",
       &WebhookRule::event_action,
       {"added", "updated", "deleted", "merged", "create", "change", "delete"}},
      {"event_object",
       &WebhookRule::event_object,
       {"person", "deal", "organization", "activity", "lead"}},
      {"brevo_event", &WebhookRule::brevo_event, {}},
  }};
  return keys;
}

std::string Complaint(const RuleKey& rule_key, const std::string& text) {
  if (rule_key.words.empty()) {
    return CheckEventName(text);
  }
  const auto& words = rule_key.words;
  if (std::find(words.begin(), words.end(), text) != words.end()) return "";
  return absl::StrCat("is not known; allowed: ", Join(words), Suggestion(text, words));
}

// False if one of its values is wrong or missing.
bool ReadRule(const YAML::Node& node, const std::string& prefix, Context& context,
              WebhookRule& rule) {
  std::set<std::string_view> seen;
  bool good = true;
  for (const Entry& entry : ReadMap(node, prefix, rule.line, context)) {
    const std::string key = Under(prefix, entry.key);
    const auto& keys = RuleKeys();
    const auto* const rule_key = std::find_if(
        keys.begin(), keys.end(), [&entry](const RuleKey& k) { return k.name == entry.key; });
    if (rule_key == keys.end()) {
      const std::vector<std::string_view> names = {keys[0].name, keys[1].name, keys[2].name};
      context.problems.Error(
          entry.line, key,
          absl::StrCat("is not known; allowed: ", Join(names), Suggestion(entry.key, names)));
      continue;
    }
    seen.insert(rule_key->name);
    const std::optional<Scalar> value = ReadScalar(entry, key, context);
    const std::string complaint = value ? Complaint(*rule_key, value->text) : "";
    if (!complaint.empty()) {
      context.problems.Error(value->line, key, absl::StrCat("\"", value->raw, "\" ", complaint));
    }
    if (value && complaint.empty()) rule.*(rule_key->member) = value->text;
    good = good && value && complaint.empty();
  }
  for (const RuleKey& rule_key : RuleKeys()) {
    if (!node.IsMap() || seen.contains(rule_key.name)) continue;
    context.problems.Error(rule.line, prefix, absl::StrCat("has no ", ToAbsl(rule_key.name)));
    good = false;
  }
  return good && node.IsMap();
}

}  // namespace

void ReadWebhookRules(const Entry& section, Context& context, Connection& connection) {
  if (section.value.IsNull()) return;
  if (!section.value.IsSequence()) {
    context.problems.Error(LineOf(section.value, section.line), section.key,
                           "must be a list: lines that begin with `- event_action: ...`");
    return;
  }
  std::set<std::tuple<std::string, std::string, std::string>> known;
  int index = 0;
  for (const YAML::Node& node : section.value) {
    const std::string prefix = absl::StrCat(section.key, "[", index++, "]");
    WebhookRule rule;
    rule.line = LineOf(node, section.line);
    if (node.IsNull()) {
      context.problems.Error(rule.line, prefix, "is empty");
      continue;
    }
    if (!ReadRule(node, prefix, context, rule)) continue;
    if (!known.emplace(rule.event_action, rule.event_object, rule.brevo_event).second) {
      context.problems.Warning(rule.line, prefix, "says the same as an earlier rule");
      continue;
    }
    connection.webhooks.push_back(std::move(rule));
  }
}

}  // namespace connector::config
