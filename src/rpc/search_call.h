#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>
#include <string>

#include "model/search.h"
#include "pipedrive_connector/v1/service.pb.h"
#include "worker/searches.h"

namespace connector::rpc {

// The server's end of a call that waits for a search. It keeps itself alive until gRPC is done with
// it; the search shares it until it has its outcome.
class SearchCall : public grpc::ServerUnaryReactor,
                   public std::enable_shared_from_this<SearchCall> {
 public:
  // All but the query and the connection's name outlive the call.
  struct Parts {
    grpc::CallbackServerContext& context;
    pipedrive_connector::v1::SearchItemsResponse& response;
    worker::Searches& searches;
    std::string connection;
    SearchQuery query;
  };

  // Begins the search. The reactor belongs to gRPC from here on.
  static SearchCall* Begin(Parts parts, Time deadline);

  void OnCancel() override;
  void OnDone() override { self_.reset(); }

 private:
  explicit SearchCall(Parts parts) : parts_(std::move(parts)) {}
  void End(const absl::StatusOr<SearchPage>& found);

  const Parts parts_;
  std::shared_ptr<SearchCall> self_;
  worker::Searches::Ticket ticket_;  // set before gRPC can cancel
  std::mutex mutex_;                 // guards finished_, and the response until then
  bool finished_ = false;
};

}  // namespace connector::rpc
