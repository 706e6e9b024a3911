#include "rpc/status_call.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "google/protobuf/util/time_util.h"
#include "rpc/run_messages.h"

namespace connector::rpc {
namespace {

google::protobuf::Timestamp Moment(Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(time.time_since_epoch().count());
}

v1::AccountState StateOf(AccountState state) {
  switch (state) {
    case AccountState::kOk:
      return v1::ACCOUNT_STATE_OK;
    case AccountState::kCredentialRefused:
      return v1::ACCOUNT_STATE_CREDENTIAL_REFUSED;
    case AccountState::kUnreachable:
      return v1::ACCOUNT_STATE_UNREACHABLE;
    case AccountState::kQuotaSpent:
      return v1::ACCOUNT_STATE_QUOTA_SPENT;
    case AccountState::kBlocked:
      return v1::ACCOUNT_STATE_BLOCKED;
    case AccountState::kNotAuthorised:
      return v1::ACCOUNT_STATE_NOT_AUTHORISED;
  }
  return v1::ACCOUNT_STATE_UNSPECIFIED;
}

void Fill(const AccountStatus& account, v1::Api api, v1::AccountStatus& out) {
  out.set_api(api);
  out.set_state(StateOf(account.state));
  out.set_detail(account.detail);
  if (account.until) *out.mutable_until() = Moment(*account.until);
  for (const QuotaStatus& quota : account.quotas) {
    v1::QuotaStatus& added = *out.add_quotas();
    added.set_limit(quota.limit);
    added.set_size(quota.size);
    added.set_remaining(quota.remaining);
    added.set_reset_seconds(quota.reset_seconds);
    added.set_estimate(quota.estimate);
  }
}

void Fill(const ConnectionStatus& one, v1::ConnectionStatus& out) {
  out.set_connection(one.connection);
  Fill(one.pipedrive, v1::API_PIPEDRIVE, *out.mutable_pipedrive());
  Fill(one.brevo, v1::API_BREVO, *out.mutable_brevo());
  out.set_dirty_contacts(one.contacts.depth);
  if (one.contacts.oldest) *out.mutable_oldest_dirty_at() = Moment(*one.contacts.oldest);
  out.set_inbox_depth(one.inbox.depth);
  out.set_outbox_depth(one.outbox.depth);
  out.set_failures(one.failure_count);
  for (const Run& run : one.runs) *out.add_runs() = ToProto(run);
  if (one.last_pipedrive_webhook) {
    *out.mutable_last_pipedrive_webhook_at() = Moment(*one.last_pipedrive_webhook);
  }
  if (one.last_brevo_webhook) {
    *out.mutable_last_brevo_webhook_at() = Moment(*one.last_brevo_webhook);
  }
}

}  // namespace

absl::StatusOr<v1::ServiceStatus> ToProto(const ServiceStatus& status,
                                          std::string_view connection) {
  v1::ServiceStatus out;
  out.set_version(status.version);
  *out.mutable_started_at() = Moment(status.started_at);
  out.set_ready(status.ready);
  for (const std::string& problem : status.problems) out.add_problems(problem);
  std::vector<std::string> names;
  for (const ConnectionStatus& one : status.connections) {
    names.push_back(one.connection);
    if (connection.empty() || connection == one.connection) Fill(one, *out.add_connections());
  }
  if (!connection.empty() && out.connections_size() == 0) {
    return absl::NotFoundError(absl::StrCat("connection: there is none named '", ToAbsl(connection),
                                            "'; known: ", absl::StrJoin(names, ", ")));
  }
  return out;
}

}  // namespace connector::rpc
