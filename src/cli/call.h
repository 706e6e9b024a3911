#pragma once

// What every verb that calls a server has in common.

#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "base/clock.h"
#include "cli/arguments.h"
#include "cli/terminal.h"

namespace connector::cli {

// Given to every verb.
struct CallScene {
  const Arguments& arguments;
  std::shared_ptr<grpc::ChannelInterface> channel;
  const Clock& clock;
  Terminal& terminal;
};

// For calls that answer once.
inline constexpr Duration kCallDeadline = std::chrono::seconds(60);
void SetDeadline(grpc::ClientContext& context, const Clock& clock);

// "2026-11-24" or a time such as "2026-11-24T08:00:00Z"; INVALID_ARGUMENT names the flag.
grpc::Status ReadTime(const char* flag, const std::string& text, google::protobuf::Timestamp& out);

// Says on `err` why a call failed and what to do; returns exit code 1.
int ReportError(const grpc::Status& status, const CallScene& scene);

// One line of JSON with the names of the contract, every field included.
std::string JsonLine(const google::protobuf::Message& message);

// The same, indented: for answers that have no form of their own yet.
std::string JsonText(const google::protobuf::Message& message);

// The verbs. Each returns the exit code.
int SyncPersons(const CallScene& scene);
int SyncDeals(const CallScene& scene);
int SyncOrganizations(const CallScene& scene);
int SyncActivities(const CallScene& scene);
int SyncLeads(const CallScene& scene);
int RunsList(const CallScene& scene);
int RunsWatch(const CallScene& scene);
int RunsCancel(const CallScene& scene);
int FailuresList(const CallScene& scene);
int FailuresRetry(const CallScene& scene);
int Search(const CallScene& scene);
int MapStage(const CallScene& scene);
int ReportPipeline(const CallScene& scene);
int WebhooksEnsure(const CallScene& scene);
int WebhooksList(const CallScene& scene);
int Records(const CallScene& scene);
int Pipelines(const CallScene& scene);
int Stages(const CallScene& scene);
int Fields(const CallScene& scene);
int Recents(const CallScene& scene);
int ExplainPerson(const CallScene& scene);
int ExplainContact(const CallScene& scene);
int Reconcile(const CallScene& scene);
int Erase(const CallScene& scene);
int Export(const CallScene& scene);
int DuplicatesList(const CallScene& scene);
int DuplicatesMerge(const CallScene& scene);
int Health(const CallScene& scene);
int ShowStatus(const CallScene& scene);

// Runs the verb of `scene.arguments`, which must be one of the above.
int RunCall(const CallScene& scene);

}  // namespace connector::cli
