#include "http/authorizing_caller.h"

#include "base/status.h"
#include "http/answer.h"

namespace connector::http {

absl::StatusOr<Response> AuthorizingCaller::Call(const quota::Operation& operation,
                                                 const Request& request, const CallContext& context,
                                                 const Classifier& classify) {
  CONNECTOR_ASSIGN_OR_RETURN(const Access access, credential_.Get(context));
  auto response = CallWith(access, operation, request, context, classify);
  if (!absl::IsUnauthenticated(response.status())) return response;
  CONNECTOR_ASSIGN_OR_RETURN(const Access renewed, credential_.OnRefused(access, context));
  return CallWith(renewed, operation, request, context, classify);
}

absl::StatusOr<Response> AuthorizingCaller::CallWith(const Access& access,
                                                     const quota::Operation& operation,
                                                     const Request& request,
                                                     const CallContext& context,
                                                     const Classifier& classify) {
  Request authorized = request;
  authorized.url = access.origin + request.url;
  authorized.headers.push_back(access.header);
  return inner_.Call(operation, authorized, context, [&](const Response& response) {
    if (response.status < 300) return classify(response);
    return classify(Redacted(response, access.secret));
  });
}

}  // namespace connector::http
