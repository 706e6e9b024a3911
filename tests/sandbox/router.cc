#include "router.h"

#include <algorithm>

#include "text.h"

namespace sandbox {
namespace {

std::vector<std::string> Split(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    if (slash != 0) out.emplace_back(path.substr(0, slash));
    path = slash == std::string_view::npos ? "" : path.substr(slash + 1);
  }
  return out;
}

// Literal segments of the match, -1 if the path doesn't fit: the most literal pattern wins.
int Score(const Route& route, const std::vector<std::string>& segments) {
  if (route.segments.size() != segments.size()) return -1;
  int score = 0;
  for (size_t i = 0; i < segments.size(); ++i) {
    if (route.segments[i].front() == '{') continue;
    if (route.segments[i] != segments[i]) return -1;
    ++score;
  }
  return score;
}

}  // namespace

std::optional<std::string> Call::Query(std::string_view name) const {
  for (const auto& [key, value] : request.query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::optional<int64_t> Call::ParamInt(const std::string& name) const {
  const auto it = params.find(name);
  return it == params.end() ? std::nullopt : ParseInteger(it->second);
}

int64_t Call::QueryInt(std::string_view name, int64_t otherwise) const {
  const auto text = Query(name);
  return text ? ParseInteger(*text).value_or(otherwise) : otherwise;
}

bool Call::QueryTrue(std::string_view name) const {
  const auto text = Query(name);
  return text && (*text == "true" || *text == "1");
}

void Router::Add(Route route) {
  route.segments = Split(route.pattern);
  routes_.push_back(std::move(route));
}

Router::Match Router::Find(const std::string& method, std::string_view path) const {
  const std::vector<std::string> segments = Split(path);
  Match match;
  int best = -1;
  for (const Route& route : routes_) {
    const int score = Score(route, segments);
    if (score < 0) continue;
    match.path_exists = true;
    if (route.method != method || score <= best) continue;
    best = score;
    match.route = &route;
  }
  if (match.route == nullptr) return match;
  for (size_t i = 0; i < segments.size(); ++i) {
    const std::string& name = match.route->segments[i];
    if (name.front() != '{') continue;
    match.params[name.substr(1, name.size() - 2)] = PercentDecode(segments[i], false);
  }
  return match;
}

std::string UnknownQuery(const Route& route, const Request& request) {
  for (const auto& [key, value] : request.query) {
    const std::string name =
        key.size() > 2 && key.ends_with("[]") ? key.substr(0, key.size() - 2) : key;
    if (std::find(route.query.begin(), route.query.end(), name) == route.query.end()) return name;
  }
  return "";
}

}  // namespace sandbox
