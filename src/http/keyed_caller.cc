#include "http/keyed_caller.h"

#include "http/answer.h"

namespace connector::http {

absl::StatusOr<Response> KeyedCaller::Call(const quota::Operation& operation,
                                           const Request& request, const CallContext& context,
                                           const Classifier& classify) {
  const Secret key = key_.Get();
  Request keyed = request;
  for (Header& header : keyed.headers) {
    if (header.first == header_) header.second = key.Reveal();
  }
  return inner_.Call(operation, keyed, context, [&](const Response& response) {
    return classify(response.status < 300 ? response : Redacted(response, key));
  });
}

}  // namespace connector::http
