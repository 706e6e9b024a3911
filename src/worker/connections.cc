#include "worker/connections.h"

#include <utility>

namespace connector::worker {

void Connections::Add(sync::Accounts accounts) {
  std::string name = accounts.settings.connection;
  by_name_.emplace(std::move(name), std::move(accounts));
}

const sync::Accounts* Connections::Find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

}  // namespace connector::worker
