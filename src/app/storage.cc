#include "app/storage.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "app/secrets.h"
#include "base/status.h"
#include "store/sql_ledger.h"
#include "store/sql_store.h"

namespace connector::app {
namespace {

// The first encrypts. The OAuth clients' secrets come last: they serve where no key is configured,
// and what they encrypted stays readable when one is.
std::vector<Secret> TokenKeys(const config::Config& config) {
  std::vector<Secret> keys = {config.store_encryption_key};
  for (Secret& key : SplitSecrets(config.store_old_encryption_keys)) keys.push_back(std::move(key));
  for (const config::Connection& connection : config.connections) {
    keys.push_back(connection.pipedrive.oauth.client_secret);
  }
  return keys;
}

}  // namespace

absl::StatusOr<Storage> OpenStorage(
    const config::Config& config, const Clock& clock,
    const std::function<void(std::string_view operation, std::string_view code)>& on_error) {
  constexpr char kSqlite[] = "sqlite:";
  Storage storage;
  if (absl::StartsWith(config.store_url, kSqlite)) {
    auto opened = store::MakeSqliteStore(
        {config.store_url.substr(sizeof(kSqlite) - 1), TokenKeys(config), on_error}, clock);
    if (!opened.ok()) return Annotate(opened.status(), "store.url");
    storage.store = *std::move(opened);
    return storage;
  }
  const Secret url(config.store_url);
  auto opened = store::MakePostgresStore({url, TokenKeys(config), on_error}, clock);
  if (!opened.ok()) return Annotate(opened.status(), "store.url");
  storage.store = *std::move(opened);
  CONNECTOR_ASSIGN_OR_RETURN(storage.ledger, store::MakePostgresLedger(url, clock));
  return storage;
}

}  // namespace connector::app
