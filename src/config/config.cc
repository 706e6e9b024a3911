#include "config/config.h"

#include <unistd.h>

#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "config/checks.h"
#include "config/document.h"
#include "config/fields.h"
#include "config/sections.h"
#include "config/values.h"

namespace connector::config {
namespace {

constexpr std::string_view kNest = "connectors.pipedrive";
constexpr size_t kMaxSecretBytes = 64 << 10;

// Sections about the pair of accounts: they stand at the top or under connectors.pipedrive.
const std::vector<std::string_view> kNestable = {"person_mapping", "deal_stage_mapping", "webhooks",
                                                 "sync_options", "rate"};
using SectionReader = void (*)(const Entry&, Context&, Connection&);
const std::map<std::string_view, SectionReader> kFreeSections = {
    {"person_mapping", ReadPersonMapping},
    {"deal_stage_mapping", ReadStageMapping},
    {"webhooks", ReadWebhookRules},
    {"sync_options.deals.currency_rates", ReadCurrencyRates},
    {"sync_options.persons.create_persons_from", ReadCreatePersonsFrom},
};

bool IsNestable(std::string_view key) {
  return std::find(kNestable.begin(), kNestable.end(), key) != kNestable.end();
}

const Field* FindField(std::string_view key) {
  for (const Field& field : Fields()) {
    if (field.key == key) return &field;
  }
  return nullptr;
}

// The next parts of all known keys under `prefix`.
std::vector<std::string_view> KeysUnder(std::string_view prefix) {
  std::set<std::string_view> keys;
  const size_t skip = prefix.empty() ? 0 : prefix.size() + 1;
  const auto add = [&](std::string_view key) {
    const bool inside =
        prefix.empty() || (key.starts_with(prefix) && key.size() > skip && key[skip - 1] == '.');
    if (inside) keys.insert(key.substr(skip, key.find('.', skip) - skip));
  };
  for (const Field& field : Fields()) add(field.key);
  for (const auto& [name, reader] : kFreeSections) add(name);
  if (prefix == kNest) keys.insert(kNestable.begin(), kNestable.end());
  return {keys.begin(), keys.end()};
}

class Reader {
 public:
  Reader(Context& context, Config& config) : context_(context), config_(config) {}

  void ReadFile(const YAML::Node& root) {
    ReadSection(Entry{"", 1, root}, "");
    ReadEnvironment();
    // In this order whatever the file's: a mapping takes its defaults from sync_options.
    for (const auto& [name, reader] : kFreeSections) {
      const auto found = sections_.find(name);
      if (found != sections_.end()) reader(found->second, context_, config_.connections.front());
    }
  }

  const Lines& lines() const { return lines_; }

 private:
  void ReadSection(const Entry& section, const std::string& prefix) {
    if (!prefix.empty()) lines_.emplace(prefix, section.line);
    for (Entry& entry : ReadMap(section.value, prefix, section.line, context_)) {
      ReadEntry(entry, prefix);
    }
  }

  void ReadEntry(Entry& entry, const std::string& prefix) {
    std::string key = Under(prefix, entry.key);
    if ((prefix.empty() || prefix == kNest) && IsNestable(entry.key)) {
      key = entry.key;
      const auto [first, is_new] = lines_.emplace(key, entry.line);
      if (!is_new) {
        context_.problems.Error(
            entry.line, key,
            absl::StrCat("stands both at the top and under ", ToAbsl(kNest), " (lines ",
                         first->second, " and ", entry.line, "); keep one"));
        return;
      }
    }
    if (kFreeSections.contains(key)) {
      sections_.emplace(key, Entry{key, entry.line, entry.value});
    } else if (const Field* field = FindField(key)) {
      ReadField(*field, entry);
    } else if (!KeysUnder(key).empty()) {
      ReadSection(entry, key);
    } else if (!ReadSecretFile(entry, key)) {
      ReportUnknown(entry, prefix, key);
    }
  }

  // False if the key is written twice: as itself and as the name of a file.
  bool Claim(std::string_view field_key, int line, const std::string& key) {
    const auto [first, is_new] = lines_.emplace(field_key, line);
    if (!is_new) {
      context_.problems.Error(
          line, key,
          absl::StrCat("both ", ToAbsl(field_key), " and ", ToAbsl(field_key),
                       "_file are given (lines ", first->second, " and ", line, "); keep one"));
    }
    return is_new;
  }

  void ReadField(const Field& field, const Entry& entry) {
    const std::string key(field.key);
    if (!Claim(field.key, entry.line, key)) return;
    const std::optional<Scalar> value = ReadScalar(entry, key, context_);
    if (!value) return;
    if (field.kind == Kind::kSecret && value->text.empty()) {
      context_.problems.Error(value->line, key, "is empty");
      return;
    }
    const std::string complaint = SetValue(field, value->text, field.slot(config_));
    if (complaint.empty()) return;
    const std::string subject =
        HoldsSecret(field) ? "" : absl::StrCat("\"", MaskUrl(value->raw), "\" ");
    context_.problems.Error(value->line, key, subject + complaint);
  }

  // False if `key` is not the `_file` of a secret.
  bool ReadSecretFile(const Entry& entry, const std::string& key) {
    if (!key.ends_with("_file")) return false;
    const Field* field = FindField(std::string_view(key).substr(0, key.size() - 5));
    if (field == nullptr || !HoldsSecret(*field)) return false;
    if (!Claim(field->key, entry.line, key)) return true;
    const std::optional<Scalar> path = ReadScalar(entry, key, context_);
    if (!path) return true;
    std::ifstream file(path->text, std::ios::binary);
    std::string text(kMaxSecretBytes + 1, '\0');
    if (!file.is_open() || !(file.read(text.data(), text.size()) || file.eof())) {
      context_.problems.Error(path->line, key,
                              absl::StrCat("can't read the file \"", path->raw, "\""));
      return true;
    }
    text.resize(file.gcount());
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    const std::string complaint = text.empty() ? "is empty"
                                  : text.size() > kMaxSecretBytes
                                      ? "is too large for a secret"
                                      : SetValue(*field, text, field->slot(config_));
    if (!complaint.empty()) {
      context_.problems.Error(path->line, key,
                              absl::StrCat("the content of \"", path->raw, "\" ", complaint));
    }
    return true;
  }

  void ReadEnvironment() {
    for (const Field& field : Fields()) {
      if (field.environment.empty() || lines_.contains(field.key)) continue;
      const auto found = context_.environment.find(std::string(field.environment));
      if (found == context_.environment.end() || found->second.empty()) continue;
      *std::get<Secret*>(field.slot(config_)) = Secret(found->second);
    }
  }

  void ReportUnknown(const Entry& entry, const std::string& prefix, const std::string& key) {
    const std::vector<std::string_view> known = KeysUnder(prefix);
    std::string hint = Suggestion(entry.key, known);
    if (hint.empty()) {
      for (const Field& field : Fields()) {
        if (field.key.ends_with(absl::StrCat(".", entry.key))) {
          hint = absl::StrCat("; did you mean ", ToAbsl(field.key), "?");
          break;
        }
      }
    }
    if (hint.empty()) hint = absl::StrCat("; known here: ", Join(known));
    context_.problems.Error(entry.line, key, absl::StrCat("is not known", hint));
  }

  Context& context_;
  Config& config_;
  Lines lines_;
  std::map<std::string, Entry, std::less<>> sections_;
};

}  // namespace

Environment ProcessEnvironment() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view pair = *entry;
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return environment;
}

Loaded Parse(const std::string& yaml, const Environment& environment) {
  Loaded loaded;
  loaded.config.connections.emplace_back();
  Problems problems;
  if (const std::optional<YAML::Node> root = ParseDocument(yaml, problems)) {
    Context context{environment, problems};
    Reader reader(context, loaded.config);
    try {
      reader.ReadFile(*root);
    } catch (const YAML::Exception& error) {
      problems.Error(error.mark.is_null() ? 0 : error.mark.line + 1, "", error.msg);
    }
    CheckWhole(reader.lines(), problems, loaded.config);
  }
  loaded.problems = problems.Take();
  return loaded;
}

Loaded Load(const std::string& path, const Environment& environment) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  if (!file.is_open() || !(file.read(text.data(), text.size()) || file.eof())) {
    Loaded loaded;
    loaded.config.connections.emplace_back();
    loaded.problems.push_back({0, false, "", absl::StrCat("can't read the file ", path)});
    return loaded;
  }
  text.resize(file.gcount());
  return Parse(text, environment);
}

}  // namespace connector::config
