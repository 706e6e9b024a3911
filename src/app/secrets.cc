#include "app/secrets.h"

#include "absl/strings/str_split.h"

namespace connector::app {

std::vector<Secret> SplitSecrets(const Secret& joined) {
  std::vector<Secret> secrets;
  for (const auto one :
       absl::StrSplit(joined.Reveal(), absl::ByAnyChar(", \t\r\n"), absl::SkipEmpty())) {
    secrets.emplace_back(std::string(one));
  }
  return secrets;
}

}  // namespace connector::app
