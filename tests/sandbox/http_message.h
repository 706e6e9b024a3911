// An HTTP request and its answer, free of any HTTP library.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "clock.h"

namespace sandbox {

struct Request {
  std::string method;
  std::string target;                                      // as sent, with the query
  std::string path;                                        // undecoded, without the query
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
  std::map<std::string, std::string> headers;              // lower-case names
  std::string body;

  std::string Header(const std::string& lower_case_name) const {
    const auto it = headers.find(lower_case_name);
    return it == headers.end() ? "" : it->second;
  }
  // Splits `target` into path and query.
  void ParseTarget();
};

enum class Ending { kNormal, kReset, kTruncate };

struct Reply {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  Ending ending = Ending::kNormal;
  Micros delay = 0;  // in sandbox time, before the first byte
};

}  // namespace sandbox
