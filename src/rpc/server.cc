#include "rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "rpc/connector_service.h"
#include "rpc/credentials.h"
#include "rpc/operations_service.h"
#include "rpc/progress_hub.h"
#include "rpc/records_service.h"

namespace connector::rpc {
namespace {

// The largest request is a webhook body of 1 MiB; a page of 500 planned changes stays below it,
// too.
constexpr int kLargestMessage = 4 << 20;
constexpr int kMostStreamsPerClient = 100;

WebhookCalls WebhooksOf(const Server::Parts& parts) {
  return {parts.subscriptions, parts.interactive, parts.clock};
}

class GrpcServer : public Server {
 public:
  explicit GrpcServer(const Parts& parts)
      : hub_(parts.runs, parts.clock),
        connector_(parts, hub_),
        operations_(parts.runs, parts.retries, hub_, WebhooksOf(parts),
                    {parts.runs, parts.inquiries, parts.clock}, parts.records, parts.status),
        records_({parts.records, parts.interactive, parts.clock}, WebhooksOf(parts)) {}

  ~GrpcServer() override { Stop(Duration::zero()); }

  absl::Status Start(const Options& options) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    // An address as the other listeners take it: ":9090" means every one of this machine's.
    const std::string address =
        options.listen.rfind(':', 0) == 0 ? "[::]" + options.listen : options.listen;
    grpc::ServerBuilder builder;
    CONNECTOR_ASSIGN_OR_RETURN(const auto credentials,
                               MakeCredentials(options.security, options.listen));
    builder.AddListeningPort(address, credentials, &port_);
    builder.SetMaxReceiveMessageSize(kLargestMessage);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMostStreamsPerClient);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.RegisterService(&connector_);
    builder.RegisterService(&operations_);
    builder.RegisterService(&records_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      return absl::UnavailableError(
          absl::StrCat("server.grpc.listen: cannot listen on ", options.listen,
                       "; the port is taken, or the address is not one of this machine's"));
    }
    // Health checking knows a service by name only once somebody has named it.
    for (const char* service : {pipedrive_connector::v1::PipedriveConnector::service_full_name(),
                                pipedrive_connector::v1::Operations::service_full_name(),
                                pipedrive_connector::v1::PipedriveRecords::service_full_name()}) {
      server_->GetHealthCheckService()->SetServingStatus(service, true);
    }
    hub_.Start();
    return absl::OkStatus();
  }

  int port() const override { return port_; }

  void AnnounceStop() override {
    if (server_ != nullptr) server_->GetHealthCheckService()->SetServingStatus(false);
  }

  void Stop(Duration deadline) override {
    if (server_ == nullptr) return;
    AnnounceStop();
    hub_.Stop();
    server_->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                   gpr_time_from_micros(deadline.count(), GPR_TIMESPAN)));
    server_.reset();
  }

 private:
  ProgressHub hub_;
  ConnectorService connector_;
  OperationsService operations_;
  RecordsService records_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> MakeServer(const Server::Options& options,
                                                   Server::Parts parts) {
  auto server = std::make_unique<GrpcServer>(parts);
  if (absl::Status started = server->Start(options); !started.ok()) return started;
  return server;
}

}  // namespace connector::rpc
