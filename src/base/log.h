#pragma once

// Structured logs: one JSON object a line on standard error. Values are escaped; secrets never get
// here because Secret does not convert to text.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/clock.h"

namespace connector {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// One key and value of a log line.
class LogField {
 public:
  LogField(std::string_view key, std::string_view value) : key_(key), text_(value), quoted_(true) {}
  LogField(std::string_view key, const char* value) : LogField(key, std::string_view(value)) {}
  LogField(std::string_view key, const std::string& value)
      : LogField(key, std::string_view(value)) {}
  template <typename Number>
  requires std::is_arithmetic_v<Number> LogField(std::string_view key, Number value)
      : key_(key),
        text_(std::is_same_v<Number, bool> ? (value ? "true" : "false") : std::to_string(value)),
        quoted_(false) {}

  void AppendTo(std::string& line) const;

 private:
  std::string key_;
  std::string text_;
  bool quoted_;
};

// Writes log lines; any thread. Lines below `level` cost one comparison.
class Logger {
 public:
  using Sink = std::function<void(std::string_view line)>;

  // `sink` is called under a lock with a whole line including its newline; the default is stderr.
  Logger(const Clock& clock, LogLevel level, Sink sink = {});

  void Log(LogLevel level, std::string_view message,
           std::initializer_list<LogField> fields = {}) const;
  void Debug(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    Log(LogLevel::kDebug, message, fields);
  }
  void Info(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    Log(LogLevel::kInfo, message, fields);
  }
  void Warning(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    Log(LogLevel::kWarning, message, fields);
  }
  void Error(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    Log(LogLevel::kError, message, fields);
  }

 private:
  const Clock& clock_;
  const LogLevel level_;
  const Sink sink_;
  mutable std::mutex mutex_;  // guards the order of lines in sink_
};

// Appends `text` as a JSON string with quotes; invalid UTF-8 is replaced by U+FFFD.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace connector
