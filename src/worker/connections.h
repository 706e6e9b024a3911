#pragma once

#include <map>
#include <string>
#include <string_view>

#include "sync/accounts.h"

namespace connector::worker {

// The connections this process serves, by name. Filled before the first thread starts, then only
// read.
class Connections {
 public:
  void Add(sync::Accounts accounts);
  // Null if there is none of this name.
  const sync::Accounts* Find(std::string_view name) const;
  const std::map<std::string, sync::Accounts, std::less<>>& all() const { return by_name_; }

 private:
  std::map<std::string, sync::Accounts, std::less<>> by_name_;
};

}  // namespace connector::worker
