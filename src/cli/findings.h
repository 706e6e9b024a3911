#pragma once

// What `check` has to say, as a list.

#include <string>
#include <vector>

#include "cli/terminal.h"
#include "config/config.h"

namespace connector::cli {

enum class Level { kOk, kWarning, kFail };

struct Finding {
  Level level = Level::kOk;
  std::string where;   // "connector.yaml:12", "Pipedrive", "Brevo"
  std::string key;     // of the configuration, or ""
  std::string text;    // what is the case
  std::string remedy;  // what to do about it, or ""
};

// The problems of a file as findings, in the file's order.
std::vector<Finding> FromProblems(const std::string& path,
                                  const std::vector<config::Problem>& problems);

// One aligned line each and the remedy below it, then a line that counts them; as JSON one object
// each: {"level":"fail","where":...,"key":...,"text":...,"remedy":...}.
void PrintFindings(const std::vector<Finding>& findings, bool json, Terminal& terminal);

// 1 if anything failed.
int ExitCode(const std::vector<Finding>& findings);

}  // namespace connector::cli
