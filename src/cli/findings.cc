#include "cli/findings.h"

#include <algorithm>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/table.h"

namespace connector::cli {
namespace {

struct LevelLook {
  std::string_view word;  // padded to one width
  std::string_view json;
  std::string_view colour;
};

LevelLook Look(Level level) {
  switch (level) {
    case Level::kOk:
      return {"OK  ", "ok", "32"};
    case Level::kWarning:
      return {"WARN", "warn", "33"};
    case Level::kFail:
      return {"FAIL", "fail", "31"};
  }
  return {};
}

std::string JsonLine(const Finding& finding) {
  std::string line = absl::StrCat("{\"level\":\"", ToAbsl(Look(finding.level).json), "\"");
  for (const auto& [name, value] : {std::pair("where", &finding.where),
                                    {"key", &finding.key},
                                    {"text", &finding.text},
                                    {"remedy", &finding.remedy}}) {
    absl::StrAppend(&line, ",\"", name, "\":");
    AppendJsonString(line, *value);
  }
  return line + "}\n";
}

std::string Plural(int64_t count, std::string_view word) {
  return absl::StrCat(count, " ", ToAbsl(word), count == 1 ? "" : "s");
}

}  // namespace

std::vector<Finding> FromProblems(const std::string& path,
                                  const std::vector<config::Problem>& problems) {
  std::vector<Finding> findings;
  findings.reserve(problems.size());
  for (const config::Problem& problem : problems) {
    findings.push_back({problem.is_warning ? Level::kWarning : Level::kFail,
                        problem.line > 0 ? absl::StrCat(path, ":", problem.line) : path,
                        problem.key, problem.text, ""});
  }
  return findings;
}

void PrintFindings(const std::vector<Finding>& findings, bool json, Terminal& terminal) {
  if (json) {
    for (const Finding& finding : findings) terminal.out << JsonLine(finding);
    return;
  }
  size_t width = 0;
  for (const Finding& finding : findings) width = std::max(width, DisplayWidth(finding.where));
  for (const Finding& finding : findings) {
    const LevelLook look = Look(finding.level);
    terminal.out << Coloured(look.word, look.colour, terminal.out_is_terminal) << "  "
                 << finding.where << std::string(width - DisplayWidth(finding.where), ' ') << "  "
                 << (finding.key.empty() ? "" : finding.key + ": ") << Printable(finding.text)
                 << "\n";
    if (!finding.remedy.empty()) {
      terminal.out << std::string(width + 8, ' ') << "-> " << Printable(finding.remedy) << "\n";
    }
  }
  const auto count = [&findings](Level level) {
    return std::count_if(findings.begin(), findings.end(),
                         [level](const Finding& finding) { return finding.level == level; });
  };
  terminal.out << Plural(count(Level::kFail), "failure") << ", "
               << Plural(count(Level::kWarning), "warning") << "\n";
}

int ExitCode(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.level == Level::kFail; })
             ? 1
             : 0;
}

}  // namespace connector::cli
