#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/secret.h"
#include "http/caller.h"

namespace connector::http {

// What a call needs to be let in.
struct Access {
  std::string origin;  // "https://acme.pipedrive.com": where this credential is good
  Header header;       // "authorization: Bearer ..."
  Secret secret;       // the part of the header that must not be repeated anywhere
};

// A credential that changes in time. Any thread; may block for a renewal, within the context's
// deadline and stop.
class Credential {
 public:
  virtual ~Credential() = default;

  virtual absl::StatusOr<Access> Get(const CallContext& context) = 0;

  // A 401 was the answer to `refused`: what to try once more with, or the status to end the call.
  virtual absl::StatusOr<Access> OnRefused(const Access& refused, const CallContext& context) = 0;
};

// Makes calls whose address is only a path ("/api/v2/persons?limit=500") and that carry no
// credential: it adds both, asking anew for every call. A refused credential is renewed and the
// call repeated, once. What the classifier sees of a refusal holds no credential. Any thread.
class AuthorizingCaller : public Caller {
 public:
  // Both must outlive it.
  AuthorizingCaller(Credential& credential, Caller& inner)
      : credential_(credential), inner_(inner) {}

  absl::StatusOr<Response> Call(const quota::Operation& operation, const Request& request,
                                const CallContext& context, const Classifier& classify) override;

 private:
  absl::StatusOr<Response> CallWith(const Access& access, const quota::Operation& operation,
                                    const Request& request, const CallContext& context,
                                    const Classifier& classify);

  Credential& credential_;
  Caller& inner_;
};

}  // namespace connector::http
