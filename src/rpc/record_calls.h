#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "model/record.h"
#include "pipedrive_connector/v1/account.pb.h"
#include "sync/records.h"
#include "worker/interactive_pool.h"

namespace connector::rpc {

// The calls about records. All five kinds go through the same code, which finds the fields of their
// messages by name; each asks Pipedrive, so it is worked off by the pool, at interactive priority
// or in the background as the request says, until the caller's deadline or its end. What is
// referred to outlives the server.
class RecordCalls {
 public:
  using Context = grpc::CallbackServerContext;
  using Message = google::protobuf::Message;
  using Reactor = grpc::ServerUnaryReactor;

  RecordCalls(sync::Records& records, worker::InteractivePool& pool, const Clock& clock)
      : records_(records), pool_(pool), clock_(clock) {}

  Reactor* List(RecordKind kind, Context& context, const Message& request, Message& response);
  Reactor* Get(RecordKind kind, Context& context, const Message& request, Message& response);
  Reactor* Create(RecordKind kind, Context& context, const Message& request, Message& response);
  Reactor* Update(RecordKind kind, Context& context, const Message& request, Message& response);
  Reactor* Delete(RecordKind kind, Context& context, const Message& request);

  Reactor* ListPipelines(Context& context,
                         const pipedrive_connector::v1::ListPipelinesRequest& request,
                         pipedrive_connector::v1::ListPipelinesResponse& response);
  Reactor* ListStages(Context& context, const pipedrive_connector::v1::ListStagesRequest& request,
                      pipedrive_connector::v1::ListStagesResponse& response);
  Reactor* ListFields(Context& context, const pipedrive_connector::v1::ListFieldsRequest& request,
                      pipedrive_connector::v1::ListFieldsResponse& response);
  Reactor* Merge(Context& context, const pipedrive_connector::v1::MergePersonsRequest& request,
                 pipedrive_connector::v1::MergePersonsResponse& response);
  Reactor* BulkDelete(Context& context, const pipedrive_connector::v1::BulkDeleteRequest& request,
                      pipedrive_connector::v1::BulkDeleteResponse& response);
  Reactor* ListRecents(Context& context, const pipedrive_connector::v1::ListRecentsRequest& request,
                       pipedrive_connector::v1::ListRecentsResponse& response);

 private:
  using Work = std::function<absl::Status(const http::CallContext&)>;

  // Has the pool call `work` and ends the call with its outcome.
  Reactor* Run(Context& context, bool background, Work work);
  // Creates or, with an id, updates.
  Reactor* Write(RecordKind kind, Context& context, const Message& request, Message& response,
                 bool update);

  sync::Records& records_;
  worker::InteractivePool& pool_;
  const Clock& clock_;
};

}  // namespace connector::rpc
