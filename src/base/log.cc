#include "base/log.h"

#include <array>
#include <cstdio>

#include "base/time_format.h"

namespace connector {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};

// Length of the valid UTF-8 sequence at the start of `text`, 0 if there is none.
size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xF0 && lead <= 0xF4 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (length == 0 || lead > 0xF4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and code points above U+10FFFF.
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;
  if (lead == 0xED && byte(1) > 0x9F) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;
  if (lead == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

void AppendEscapedControl(std::string& out, unsigned char c) {
  constexpr char kDigits[] = "0123456789abcdef";
  out += "\\u00";
  out.push_back(kDigits[c >> 4]);
  out.push_back(kDigits[c & 15]);
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    const char c = text[0];
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
      text.remove_prefix(1);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      AppendEscapedControl(out, static_cast<unsigned char>(c));
      text.remove_prefix(1);
    } else if (const size_t length = Utf8Length(text); length > 0) {
      out.append(text.substr(0, length));
      text.remove_prefix(length);
    } else {
      out += "\\ufffd";
      text.remove_prefix(1);
    }
  }
  out.push_back('"');
}

void LogField::AppendTo(std::string& line) const {
  AppendJsonString(line, key_);
  line.push_back(':');
  if (quoted_) {
    AppendJsonString(line, text_);
  } else {
    line += text_;
  }
}

Logger::Logger(const Clock& clock, LogLevel level, Sink sink)
    : clock_(clock), level_(level), sink_(std::move(sink)) {}

void Logger::Log(LogLevel level, std::string_view message,
                 std::initializer_list<LogField> fields) const {
  if (level < level_) return;
  std::string line = "{\"time\":\"" + FormatTimestamp(clock_.Now()) + "\",\"level\":\"";
  line += kLevelNames[static_cast<size_t>(level)];
  line += "\",\"message\":";
  AppendJsonString(line, message);
  for (const LogField& field : fields) {
    line.push_back(',');
    field.AppendTo(line);
  }
  line += "}\n";
  const std::lock_guard lock(mutex_);
  if (sink_) {
    sink_(line);
  } else {
    std::fwrite(line.data(), 1, line.size(), stderr);
  }
}

}  // namespace connector
