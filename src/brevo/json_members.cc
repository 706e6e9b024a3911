#include "brevo/json_members.h"

#include <utility>

#include "base/log.h"

namespace connector::brevo {

void AppendTexts(std::string& out, const std::vector<std::string>& texts) {
  out.push_back('[');
  bool first = true;
  for (const std::string& text : texts) {
    if (!std::exchange(first, false)) out.push_back(',');
    AppendJsonString(out, text);
  }
  out.push_back(']');
}

void AppendValue(std::string& out, const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) {
    out += *flag ? "true" : "false";
  } else if (const auto* number = std::get_if<double>(&value)) {
    if (!http::AppendJsonNumber(out, *number)) out += "\"\"";
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    AppendJsonString(out, *text);
  } else if (const auto* labels = std::get_if<std::vector<std::string>>(&value)) {
    AppendTexts(out, *labels);
  } else {
    out += "\"\"";
  }
}

}  // namespace connector::brevo
