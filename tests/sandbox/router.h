// Which handler serves a method and a path, and what the call costs.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http_message.h"

namespace sandbox {

enum class Api { kPipedrive, kBrevo, kControl, kOauth };

// One call under way: the request with what the route knows of it.
struct Call {
  const Request& request;
  std::map<std::string, std::string> params;  // {id} -> decoded value
  bool import_half_fails = false;             // set by a fault rule

  std::optional<std::string> Query(std::string_view name) const;
  std::optional<int64_t> ParamInt(const std::string& name) const;
  int64_t QueryInt(std::string_view name, int64_t otherwise) const;
  bool QueryTrue(std::string_view name) const;
};

using Handler = std::function<Reply(const Call&)>;

struct Route {
  std::string method;
  std::string pattern;             // "/api/v2/persons/{id}"
  std::vector<std::string> query;  // names the operation knows; others are refused
  int cost = 0;                    // Pipedrive tokens (x-token-cost)
  Handler handler;
  std::vector<std::string> segments = {};  // the pattern, split
};

class Router {
 public:
  void Add(Route route);

  struct Match {
    const Route* route = nullptr;
    std::map<std::string, std::string> params;
    bool path_exists = false;  // with some other method
  };
  Match Find(const std::string& method, std::string_view path) const;

 private:
  std::vector<Route> routes_;
};

// Name of the first query parameter the route doesn't know, "" if there is none.
std::string UnknownQuery(const Route& route, const Request& request);

}  // namespace sandbox
