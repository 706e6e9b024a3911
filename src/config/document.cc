#include "config/document.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace connector::config {
namespace {

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string LineText(const std::string& yaml, int line) {
  size_t begin = 0;
  for (int i = 1; i < line && begin != std::string::npos; ++i) {
    begin = yaml.find('\n', begin);
    if (begin != std::string::npos) ++begin;
  }
  if (begin == std::string::npos) return "";
  return yaml.substr(begin, yaml.find('\n', begin) - begin);
}

void ReportSyntax(const std::string& yaml, const YAML::Exception& error, Problems& problems) {
  const int line = error.mark.is_null() ? 0 : error.mark.line + 1;
  const std::string text = LineText(yaml, line);
  const std::string indentation = text.substr(0, text.find_first_not_of(" \t"));
  std::string message = absl::StrCat("not valid YAML: ", error.msg);
  if (indentation.find('\t') != std::string::npos) {
    message += "; the line begins with a tab: YAML takes spaces only";
  }
  problems.Error(line, "", message);
}

// Replaces each ${NAME}; $${ stands for a plain ${. Problems name the variable, never a value.
std::optional<std::string> Expand(const std::string& raw, int line, const std::string& key,
                                  Context& context) {
  std::string text;
  bool good = true;
  for (size_t at = 0; at < raw.size();) {
    if (raw.compare(at, 3, "$${") == 0) {
      text += "${";
      at += 3;
      continue;
    }
    if (raw.compare(at, 2, "${") != 0) {
      text += raw[at++];
      continue;
    }
    const size_t end = raw.find('}', at);
    const std::string name = raw.substr(at + 2, end == std::string_view::npos ? end : end - at - 2);
    if (end == std::string_view::npos || name.empty() ||
        !std::all_of(name.begin(), name.end(), IsNameByte)) {
      context.problems.Error(line, key,
                             "${...} must hold the name of an environment variable; "
                             "write $${ for a plain ${");
      return std::nullopt;
    }
    if (const auto found = context.environment.find(name); found != context.environment.end()) {
      text += found->second;
    } else {
      context.problems.Error(line, key,
                             absl::StrCat("the environment variable ", name, " is not set"));
      good = false;
    }
    at = end + 1;
  }
  return good ? std::optional(text) : std::nullopt;
}

}  // namespace

std::vector<Problem> Problems::Take() {
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  return std::move(problems_);
}

std::optional<YAML::Node> ParseDocument(const std::string& yaml, Problems& problems) {
  if (yaml.size() > kMaxFileBytes) {
    problems.Error(0, "", absl::StrCat("the file is larger than ", kMaxFileBytes >> 10, " KiB"));
    return std::nullopt;
  }
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(yaml);
    if (documents.empty() || documents.front().IsNull()) {
      problems.Error(0, "", "the file is empty; docs/configuration.md has one to begin with");
      return std::nullopt;
    }
    if (documents.size() > 1) {
      problems.Error(LineOf(documents[1], 0), "",
                     "a second YAML document (after ---); only one is read");
      return std::nullopt;
    }
    if (!documents.front().IsMap()) {
      problems.Error(LineOf(documents.front(), 0), "",
                     "the file must be sections of `key: value` lines, beginning with connectors:");
      return std::nullopt;
    }
    return documents.front();
  } catch (const YAML::Exception& error) {
    ReportSyntax(yaml, error, problems);
  } catch (const std::exception& error) {
    problems.Error(0, "", absl::StrCat("not readable as YAML: ", error.what()));
  }
  return std::nullopt;
}

std::vector<Entry> ReadMap(const YAML::Node& node, const std::string& prefix, int line,
                           Context& context) {
  std::vector<Entry> entries;
  if (!node.IsDefined() || node.IsNull()) return entries;
  if (!node.IsMap()) {
    context.problems.Error(LineOf(node, line), prefix,
                           absl::StrCat("must be a section of `key: value` lines, not ",
                                        node.IsSequence() ? "a list" : "a single value"));
    return entries;
  }
  std::map<std::string, int> lines;
  for (const auto& pair : node) {
    const int key_line = LineOf(pair.first, line);
    if (!pair.first.IsScalar()) {
      context.problems.Error(key_line, prefix, "a key must be a single word or number");
      continue;
    }
    const std::string& key = pair.first.Scalar();
    const auto [first, is_new] = lines.emplace(key, key_line);
    if (!is_new) {
      context.problems.Error(
          key_line, Under(prefix, key),
          absl::StrCat("given twice, on lines ", first->second, " and ", key_line, "; keep one"));
      continue;
    }
    entries.push_back({key, key_line, pair.second});
  }
  return entries;
}

std::optional<Scalar> ReadScalar(const Entry& entry, const std::string& key, Context& context) {
  const int line = LineOf(entry.value, entry.line);
  if (entry.value.IsNull()) {
    context.problems.Error(entry.line, key, "has no value; give one or remove the line");
    return std::nullopt;
  }
  if (!entry.value.IsScalar()) {
    context.problems.Error(
        line, key,
        absl::StrCat("must be a single value, not ", entry.value.IsMap() ? "a section" : "a list"));
    return std::nullopt;
  }
  std::string raw = entry.value.Scalar();
  std::optional<std::string> text = Expand(raw, line, key, context);
  if (!text) return std::nullopt;
  return Scalar{std::move(raw), *std::move(text), line};
}

int LineOf(const YAML::Node& node, int fallback) {
  const YAML::Mark mark = node.Mark();
  return mark.is_null() ? fallback : mark.line + 1;
}

std::string Under(std::string_view prefix, std::string_view key) {
  return prefix.empty() ? std::string(key) : absl::StrCat(ToAbsl(prefix), ".", ToAbsl(key));
}

}  // namespace connector::config
