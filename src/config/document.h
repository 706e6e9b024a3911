#pragma once

// A YAML text as keys with lines. Everything found wrong is collected, nothing throws.

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace connector::config {

// Larger files are refused: the parser keeps a node of some hundred bytes for every few bytes.
inline constexpr size_t kMaxFileBytes = size_t{1} << 20;

class Problems {
 public:
  void Error(int line, std::string key, std::string text) {
    problems_.push_back({line, false, std::move(key), std::move(text)});
  }
  void Warning(int line, std::string key, std::string text) {
    problems_.push_back({line, true, std::move(key), std::move(text)});
  }
  // In the order of the lines.
  std::vector<Problem> Take();

 private:
  std::vector<Problem> problems_;
};

// What every reader of a part of the file is given.
struct Context {
  const Environment& environment;
  Problems& problems;
};

// One key of a map and what stands right of it.
struct Entry {
  std::string key;
  int line = 0;
  YAML::Node value;
};

struct Scalar {
  std::string raw;   // as written: fit for messages, since ${NAME} may stand for a secret
  std::string text;  // with ${NAME} expanded
  int line = 0;
};

// Parses the one document of the text; nothing (and a problem) if that is impossible. The parser
// itself gives up at 500 levels, so that no nesting can exhaust the stack.
std::optional<YAML::Node> ParseDocument(const std::string& yaml, Problems& problems);

// The entries of a map; nothing in it is an empty map. A doubled key is a problem and only its
// first value is returned. `prefix` is the key of `node`, "" at the root.
std::vector<Entry> ReadMap(const YAML::Node& node, const std::string& prefix, int line,
                           Context& context);

// The scalar right of `entry`'s key; nothing (and a problem that names `key`) if it is none.
std::optional<Scalar> ReadScalar(const Entry& entry, const std::string& key, Context& context);

// 1-based; `fallback` for nodes that stand nowhere.
int LineOf(const YAML::Node& node, int fallback);

// "a.b"; `key` alone if the prefix is empty.
std::string Under(std::string_view prefix, std::string_view key);

}  // namespace connector::config
