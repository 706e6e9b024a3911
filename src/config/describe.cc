#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "config/fields.h"
#include "config/values.h"

namespace connector::config {
namespace {

constexpr double kNoUpperBound = 1e15;

std::string Range(const Field& field) {
  const bool may_be_off = field.kind == Kind::kInterval || field.kind == Kind::kAutoInterval;
  const bool is_duration = field.kind == Kind::kDuration || may_be_off;
  const auto text = [is_duration](double bound) {
    if (!is_duration) return FormatNumber(bound);
    return FormatDuration(Duration(static_cast<int64_t>(bound * 1e6)));
  };
  if (field.max > kNoUpperBound) return absl::StrCat(text(field.min), " or more");
  return absl::StrCat(field.kind == Kind::kAutoInterval ? "auto, " : "", may_be_off ? "off, " : "",
                      text(field.min), " to ", text(field.max));
}

// For the documentation: a default or an allowed value, or what stands for "none".
std::string Cell(const std::string& text) {
  if (text.empty()) return "";
  return absl::StrCat("`", text, "`");
}

std::string DefaultCell(const Field& field, Config& defaults) {
  const std::string text = ValueText(field, defaults);
  if (!field.environment.empty()) return absl::StrCat("`$", ToAbsl(field.environment), "`");
  return Cell(text);
}

void AppendSections(const Connection& connection, std::string& out) {
  for (const mapping::FieldRule& rule : connection.person_mapping) {
    absl::StrAppend(&out, "person_mapping.", rule.source, ": ", rule.attribute, " (",
                    ToAbsl(DirectionName(rule.direction)));
    if (rule.direction == mapping::Direction::kBoth) {
      absl::StrAppend(&out, ", ", ToAbsl(PolicyName(rule.on_conflict)));
    }
    out += ")\n";
  }
  for (const StageRule& rule : connection.deal_stage_mapping) {
    const std::string pipeline = rule.pipeline_id ? absl::StrCat(*rule.pipeline_id, "/") : "";
    absl::StrAppend(&out, "deal_stage_mapping.", pipeline, rule.key, ": ", rule.list_id, "\n");
  }
  for (const auto& [currency, rate] : connection.deals.currency_rates) {
    absl::StrAppend(&out, "sync_options.deals.currency_rates.", currency, ": ", FormatNumber(rate),
                    "\n");
  }
  if (!connection.persons.create_persons_from.empty()) {
    absl::StrAppend(&out, "sync_options.persons.create_persons_from: ",
                    absl::StrJoin(connection.persons.create_persons_from, ", "), "\n");
  }
  for (const WebhookRule& rule : connection.webhooks) {
    absl::StrAppend(&out, "webhooks.", rule.event_action, ".", rule.event_object, ": ",
                    rule.brevo_event, "\n");
  }
}

struct TextOf {
  std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(const int* value) const { return std::to_string(*value); }
  // Ids: 0 is none.
  std::string operator()(const int64_t* value) const {
    return *value == 0 ? "" : std::to_string(*value);
  }
  std::string operator()(const double* value) const { return FormatNumber(*value); }
  std::string operator()(const std::string* value) const { return MaskUrl(*value); }
  std::string operator()(const Secret* value) const { return value->empty() ? "" : "***"; }
  std::string operator()(const Duration* value) const { return FormatDuration(*value); }
  std::string operator()(const mapping::ConflictPolicy* value) const {
    return std::string(PolicyName(*value));
  }
};

}  // namespace

std::string AllowedText(const Field& field) {
  switch (field.kind) {
    case Kind::kSwitch:
      return "true, false";
    case Kind::kInteger:
    case Kind::kNumber:
    case Kind::kDuration:
    case Kind::kInterval:
    case Kind::kAutoInterval:
      return Range(field);
    case Kind::kChoice:
      return Join(field.choices);
    case Kind::kText:
      return "any text";
    case Kind::kSecret:
      return "secret";
    case Kind::kOrigin:
      return "https://HOST[:PORT]";
    case Kind::kUrl:
      return "https://…";
    case Kind::kProxyUrl:
      return "http://[USER:PASSWORD@]HOST:PORT";
    case Kind::kListen:
      return "HOST:PORT, :PORT";
    case Kind::kStoreUrl:
      return "sqlite:PATH, postgresql://…";
    case Kind::kDomain:
      return "letters, digits, -";
    case Kind::kRegion:
      return "two letters: DE, US, …";
    case Kind::kEventName:
      return "letters, digits, _ and -";
    case Kind::kNetworks:
      return "ADDRESS[/BITS], …";
    case Kind::kFile:
      return "path";
  }
  return "";
}

std::string ValueText(const Field& field, Config& config) {
  const Slot slot = field.slot(config);
  if (field.kind == Kind::kAutoInterval && *std::get<Duration*>(slot) == kAutomatic) return "auto";
  const std::string text = std::visit(TextOf{}, slot);
  const bool may_be_off = field.kind == Kind::kInterval || field.kind == Kind::kAutoInterval;
  return may_be_off && text == "0" ? "off" : text;
}

std::string MarkdownTable() {
  Config defaults;
  defaults.connections.emplace_back();
  std::string table = "| Key | Default | Allowed | Meaning |\n| --- | --- | --- | --- |\n";
  for (const Field& field : Fields()) {
    absl::StrAppend(&table, "| `", ToAbsl(field.key), "` | ", DefaultCell(field, defaults), " | ",
                    AllowedText(field), " | ", ToAbsl(field.description), " |\n");
  }
  return table;
}

std::string Describe(const Config& config) {
  Config copy = config;
  std::string text;
  for (const Field& field : Fields()) {
    const std::string value = ValueText(field, copy);
    absl::StrAppend(&text, ToAbsl(field.key), ": ", value.empty() ? "(not set)" : value, "\n");
  }
  AppendSections(config.connections.front(), text);
  return text;
}

}  // namespace connector::config
