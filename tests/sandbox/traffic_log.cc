#include "traffic_log.h"

#include <nlohmann/json.hpp>

#include "text.h"

namespace sandbox {

TrafficLog::TrafficLog(const std::string& file, int64_t max_body) : max_body_(max_body) {
  if (!file.empty()) out_.open(file, std::ios::app);
}

// A body that is valid JSON stands as it is (JSON text has no raw line breaks that matter: they
// are only between tokens), anything else as null.
std::string TrafficLog::BodyOf(const std::string& content_type, const std::string& body) const {
  if (body.empty() || !Contains(content_type, "json")) return "null";
  if (max_body_ >= 0 && static_cast<int64_t>(body.size()) > max_body_) return "null";
  if (!nlohmann::json::accept(body)) return "null";
  std::string line = body;
  for (char& c : line) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return line;
}

void TrafficLog::Record(const std::string& api, const Request& request, const Reply& reply,
                        bool fault) {
  if (!out_.is_open()) return;
  std::string line = R"({"api":")" + api + R"(","method":")" + request.method + R"(","url":)";
  AppendJsonString(line, request.target);
  const std::string sent_type = request.Header("content-type");
  line += R"(,"request":{"content_type":)";
  AppendJsonString(line, sent_type);
  line += R"(,"body":)" + BodyOf(sent_type, request.body);
  line += R"(},"response":{"status":)" + std::to_string(reply.status) + R"(,"content_type":)";
  AppendJsonString(line, reply.content_type);
  line += R"(,"body":)" + BodyOf(reply.content_type, reply.body) + "}";
  if (fault) line += R"(,"fault":true)";
  out_ << line << "}\n";
  out_.flush();
}

}  // namespace sandbox
