#include "replies.h"

#include "random.h"

namespace sandbox {

using nlohmann::json;

std::string Dump(const json& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

Reply JsonReply(int status, const json& body) {
  Reply reply;
  reply.status = status;
  reply.body = Dump(body);
  return reply;
}

Reply PipedriveOk(const json& data) { return JsonReply(200, {{"success", true}, {"data", data}}); }

Reply PipedriveFail(int status, const std::string& error, const std::string& code) {
  json body = {{"success", false},
               {"error", error},
               {"error_info", "Please check developers.pipedrive.com for more information."},
               {"data", nullptr},
               {"additional_data", nullptr}};
  if (!code.empty()) body["code"] = code;
  return JsonReply(status, body);
}

// Word for word as the live API was seen to answer (facts/pipedrive.md section 8).
Reply PipedriveUnauthorized() {
  Reply reply = JsonReply(401, {{"success", false},
                                {"error", "unauthorized access"},
                                {"errorCode", 401},
                                {"error_info", "Please check developers.pipedrive.com"}});
  reply.headers.emplace_back("x-401-by-gw", "true");
  return reply;
}

Reply BrevoFail(int status, const std::string& code, const std::string& message) {
  return JsonReply(status, {{"code", code}, {"message", message}});
}

Reply BrevoNotFound(const std::string& message) {
  return BrevoFail(404, "document_not_found", message);
}

Reply NoContent() {
  Reply reply;
  reply.status = 204;
  reply.content_type.clear();
  return reply;
}

}  // namespace sandbox
