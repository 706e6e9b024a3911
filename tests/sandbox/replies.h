// Answers in the wrappings the two APIs give them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "http_message.h"

namespace sandbox {

// Text of callers may hold broken UTF-8; it is replaced, never thrown over.
std::string Dump(const nlohmann::json& body);
Reply JsonReply(int status, const nlohmann::json& body);

Reply PipedriveOk(const nlohmann::json& data);
Reply PipedriveFail(int status, const std::string& error, const std::string& code = "");
Reply PipedriveUnauthorized();

Reply BrevoFail(int status, const std::string& code, const std::string& message);
Reply BrevoNotFound(const std::string& message);
inline Reply BrevoInvalid(const std::string& message) {
  return BrevoFail(400, "invalid_parameter", message);
}
Reply NoContent();

}  // namespace sandbox
