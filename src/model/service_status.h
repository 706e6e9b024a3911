#pragma once

// How the service and its accounts are: what the status page and GetStatus show.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/run.h"

namespace connector {

enum class AccountState {
  kOk,
  kCredentialRefused,  // nothing is sent until it changes
  kUnreachable,        // too many calls fail; a trial call is made from time to time
  kQuotaSpent,         // of the day
  kBlocked,            // by the vendor's firewall; all traffic rests
  kNotAuthorised,      // OAuth: nobody has granted access, or the grant is gone
};
std::string_view AccountStateName(AccountState state);  // "ok", "credential_refused", ...

struct QuotaStatus {
  std::string limit;  // "burst", "daily_tokens", ...
  int64_t size = 0;
  int64_t remaining = 0;
  double headroom = 1.0;     // remaining / size
  double reset_seconds = 0;  // until it is full again
  bool estimate = false;     // our own count, not the vendor's
};

struct AccountStatus {
  AccountState state = AccountState::kOk;
  std::string detail;         // what happened and what to do; empty if kOk; no secrets
  std::optional<Time> until;  // when it ends by itself
  std::vector<QuotaStatus> quotas;
};

// What waits, and since when the oldest of it does.
struct QueueStatus {
  int64_t depth = 0;
  std::optional<Time> oldest;
};

// One pair of accounts.
struct ConnectionStatus {
  std::string connection;
  AccountStatus pipedrive;
  AccountStatus brevo;
  QueueStatus contacts;  // to be written
  QueueStatus inbox;     // webhooks stored and not yet folded in
  QueueStatus outbox;    // Brevo events to be sent
  int64_t open_imports = 0;
  std::vector<Run> runs;          // those under way, then the last ended one of each kind
  std::vector<Failure> failures;  // the newest few
  int64_t failure_count = 0;
  std::optional<Time> last_pipedrive_webhook;  // since this process started
  std::optional<Time> last_brevo_webhook;
};

struct ServiceStatus {
  std::string version;
  Time started_at{};
  Time now{};
  bool ready = false;
  std::vector<std::string> problems;  // one sentence each, with the remedy; no secrets
  std::vector<ConnectionStatus> connections;
};

}  // namespace connector
