#pragma once

// Pipedrive's subscriptions in memory. One thread at a time.

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "pipedrive/webhook_client.h"

namespace connector::testing {

class FakeWebhooks : public pipedrive::WebhookClient {
 public:
  std::vector<pipedrive::Subscription> held;
  // Every call, e.g. "list", "create *.person", "delete 3".
  std::vector<std::string> calls;
  // Asked before each call; what is not OK is its answer.
  std::function<absl::Status(const std::string& call)> on_call;

  pipedrive::Subscription& Put(const std::string& action, const std::string& object,
                               const std::string& url) {
    pipedrive::Subscription one;
    one.id = next_++;
    one.action = action;
    one.object = object;
    one.url = url;
    one.version = "2.0";
    one.user = "pipedrive";
    one.password = Secret("s3cr3t");
    held.push_back(one);
    return held.back();
  }

  absl::StatusOr<std::vector<pipedrive::Subscription>> ListWebhooks(
      const http::CallContext&) override {
    CONNECTOR_RETURN_IF_ERROR(Enter("list"));
    return held;
  }
  absl::StatusOr<int64_t> CreateWebhook(const pipedrive::NewSubscription& wanted,
                                        const http::CallContext&) override {
    CONNECTOR_RETURN_IF_ERROR(Enter(absl::StrCat("create ", wanted.action, ".", wanted.object)));
    pipedrive::Subscription& one = Put(wanted.action, wanted.object, wanted.url);
    one.name = wanted.name;
    one.user = wanted.user;
    one.password = wanted.password;
    return one.id;
  }
  absl::Status DeleteWebhook(int64_t id, const http::CallContext&) override {
    CONNECTOR_RETURN_IF_ERROR(Enter(absl::StrCat("delete ", id)));
    std::erase_if(held, [id](const pipedrive::Subscription& one) { return one.id == id; });
    return absl::OkStatus();
  }

 private:
  absl::Status Enter(const std::string& call) {
    calls.push_back(call);
    return on_call ? on_call(call) : absl::OkStatus();
  }

  int64_t next_ = 1;
};

}  // namespace connector::testing
