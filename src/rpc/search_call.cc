#include "rpc/search_call.h"

#include <utility>

#include "rpc/search_messages.h"
#include "rpc/status.h"

namespace connector::rpc {

SearchCall* SearchCall::Begin(Parts parts, Time deadline) {
  const std::shared_ptr<SearchCall> call(new SearchCall(std::move(parts)));
  call->self_ = call;
  // gRPC cancels and is done with a reactor only after it was returned to it.
  call->ticket_ = call->parts_.searches.Ask(
      call->parts_.connection, call->parts_.query, deadline,
      [call](const absl::StatusOr<SearchPage>& found) { call->End(found); });
  return call.get();
}

void SearchCall::End(const absl::StatusOr<SearchPage>& found) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(finished_, true)) return;
  if (found.ok()) {
    FillSearchResponse(*found, parts_.query, parts_.connection, parts_.response);
  }
  Finish(ToGrpc(ForCaller(found.status(), "page_token"), parts_.context));
}

void SearchCall::OnCancel() {
  parts_.searches.Leave(ticket_);
  const std::lock_guard lock(mutex_);
  if (std::exchange(finished_, true)) return;
  Finish(grpc::Status(grpc::StatusCode::CANCELLED, "cancelled by the client"));
}

}  // namespace connector::rpc
