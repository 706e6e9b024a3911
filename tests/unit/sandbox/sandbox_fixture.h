// A sandbox without sockets whose clock only the test moves.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "sandbox/sandbox.h"

namespace sandbox {

class SandboxTest : public testing::Test {
 protected:
  static Options SmallOptions() {
    Options options;
    options.persons = 50;
    options.organizations = 10;
    options.existing_contacts = 0;
    options.manual_clock = true;
    options.clock_origin_s = 1'800'000'000;
    return options;
  }

  void Use(const Options& options) { sandbox_ = std::make_unique<Sandbox>(options); }
  void SetUp() override { Use(SmallOptions()); }

  Reply Send(const std::string& method, const std::string& target,
             const nlohmann::json& body = nullptr) {
    Request request;
    request.method = method;
    request.target = target;
    request.headers = {{"x-api-token", "sandbox-pipedrive-token"},
                       {"api-key", "sandbox-brevo-key"},
                       {"content-type", "application/json"}};
    if (!body.is_null()) request.body = body.dump();
    return sandbox_->Handle(request);
  }
  nlohmann::json Json(const Reply& reply) { return nlohmann::json::parse(reply.body); }
  nlohmann::json GetJson(const std::string& target) { return Json(Send("GET", target)); }
  nlohmann::json Contact(const std::string& email) {
    return GetJson("/v3/contacts/" + email + "?identifierType=email_id");
  }
  void Advance(double seconds) {
    sandbox_->With([seconds](World& world) {
      world.clock.Advance(static_cast<Micros>(seconds * kSecond));
      world.scheduler.RunDue();
    });
  }

  std::unique_ptr<Sandbox> sandbox_;
};

}  // namespace sandbox
