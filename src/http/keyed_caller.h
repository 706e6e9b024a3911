#pragma once

#include <string>

#include "base/live_secret.h"
#include "http/caller.h"

namespace connector::http {

// Makes every call with the key as it is at that moment, in place of the one that the client put
// into the header; what the classifier sees of a refusal holds neither. Any thread.
class KeyedCaller : public Caller {
 public:
  // `header` in the case in which the client writes it. `key` and `inner` outlive it.
  KeyedCaller(std::string header, const LiveSecret& key, Caller& inner)
      : header_(std::move(header)), key_(key), inner_(inner) {}

  absl::StatusOr<Response> Call(const quota::Operation& operation, const Request& request,
                                const CallContext& context, const Classifier& classify) override;

 private:
  const std::string header_;
  const LiveSecret& key_;
  Caller& inner_;
};

}  // namespace connector::http
