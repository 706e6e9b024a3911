#pragma once

// How the tests look at what the binaries say.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

namespace connector::integration {

using nlohmann::json;

// Protobuf's JSON writes 64-bit numbers as text and leaves zeros out.
inline int64_t Number(const json& object, const std::string& name) {
  if (!object.contains(name)) return 0;
  const json& value = object[name];
  return value.is_string() ? std::stoll(value.get<std::string>()) : value.get<int64_t>();
}

inline int64_t Calls(const json& stats, const std::string& api) {
  return Number(stats[api], "total");
}
inline int64_t Writes(const json& stats) { return Number(stats["brevo"], "writes"); }

inline const json& Progress(const json& message) { return message.at("progress"); }

inline void ExpectSucceeded(const json& message) {
  EXPECT_EQ(Progress(message).value("state", ""), "RUN_STATE_SUCCEEDED") << message.dump(2);
}

// Every call was within the limits and carried its credential where it belongs.
inline void ExpectWellBehaved(const json& stats) {
  EXPECT_EQ(Number(stats, "rate_violations"), 0);
  EXPECT_EQ(Number(stats, "credential_violations"), 0);
  EXPECT_EQ(Number(stats["brevo"], "unblocklisted_by_api"), 0);
  EXPECT_EQ(Number(stats["brevo"], "resubscribed_by_api"), 0);
  EXPECT_EQ(Number(stats, "duplicates_created"), 0);
}

// Where two states of Brevo, one contact a line, part: for the message of a failed test.
inline std::string FirstDifference(const std::string& actual, const std::string& expected) {
  std::istringstream left(actual);
  std::istringstream right(expected);
  for (std::string a, b; std::getline(left, a) && std::getline(right, b);) {
    if (a != b) return "is       " + a + "\nshould be " + b;
  }
  return "";
}

}  // namespace connector::integration
