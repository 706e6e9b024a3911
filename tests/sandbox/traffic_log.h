// Records API exchanges, one JSON line each, in the form the contract check reads.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include "http_message.h"

namespace sandbox {

class TrafficLog {
 public:
  // An empty file name records nothing. max_body < 0: bodies of any size.
  TrafficLog(const std::string& file, int64_t max_body);
  void Record(const std::string& api, const Request& request, const Reply& reply, bool fault);

 private:
  std::string BodyOf(const std::string& content_type, const std::string& body) const;

  std::ofstream out_;
  const int64_t max_body_;
};

}  // namespace sandbox
