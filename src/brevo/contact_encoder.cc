#include "brevo/contact_encoder.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/log.h"
#include "base/strings.h"

namespace connector::brevo {
namespace {

// The largest double written out has 309 digits.
constexpr size_t kLongestNumber = 400;

void AppendNumber(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "\"\"";
    return;
  }
  std::array<char, kLongestNumber> text{};
  const double value = number == 0 ? 0 : number;  // not -0
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  out.append(text.data(), end.ptr);
}

void AppendLabels(std::string& out, const std::vector<std::string>& labels) {
  out.push_back('[');
  bool first = true;
  for (const std::string& label : labels) {
    if (!std::exchange(first, false)) out.push_back(',');
    AppendJsonString(out, label);
  }
  out.push_back(']');
}

// A JSON object grown member by member.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_.push_back('{'); }

  std::string& Name(std::string_view name) {
    if (!std::exchange(first_, false)) out_.push_back(',');
    AppendJsonString(out_, name);
    out_.push_back(':');
    return out_;
  }
  void Text(std::string_view name, std::string_view text) { AppendJsonString(Name(name), text); }
  void Flag(std::string_view name, bool flag) { Name(name) += flag ? "true" : "false"; }
  void Ids(std::string_view name, const std::vector<int64_t>& ids) {
    if (!ids.empty()) absl::StrAppend(&Name(name), "[", absl::StrJoin(ids, ","), "]");
  }
  void Close() { out_.push_back('}'); }

 private:
  std::string& out_;
  bool first_ = true;
};

void AppendAttributes(Members& body, const ContactWrite& write, std::string_view new_email) {
  if (write.attributes.empty() && new_email.empty()) return;
  Members attributes(body.Name("attributes"));
  if (!new_email.empty()) attributes.Text("EMAIL", new_email);
  for (const auto& [name, value] : write.attributes) AppendValue(attributes.Name(name), value);
  attributes.Close();
}

}  // namespace

void AppendValue(std::string& out, const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) {
    out += *flag ? "true" : "false";
  } else if (const auto* number = std::get_if<double>(&value)) {
    AppendNumber(out, *number);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    AppendJsonString(out, *text);
  } else if (const auto* labels = std::get_if<std::vector<std::string>>(&value)) {
    AppendLabels(out, *labels);
  } else {
    out += "\"\"";
  }
}

std::string EncodeCreate(const ContactWrite& write) {
  std::string out;
  Members body(out);
  if (!write.email.empty()) body.Text("email", write.email);
  if (write.ext_id) body.Text("ext_id", *write.ext_id);
  AppendAttributes(body, write, "");
  body.Ids("listIds", write.join_lists);
  body.Flag("updateEnabled", false);
  body.Close();
  return out;
}

std::string EncodeUpdate(const ContactWrite& write) {
  std::string out;
  Members body(out);
  if (write.ext_id) body.Text("ext_id", *write.ext_id);
  AppendAttributes(body, write, write.email);
  body.Ids("listIds", write.join_lists);
  body.Ids("unlinkListIds", write.leave_lists);
  if (write.keep_email_block) body.Flag("emailBlacklisted", true);
  body.Close();
  return out;
}

std::string EncodeEmails(const std::vector<std::string>& emails) {
  std::string out;
  Members body(out);
  AppendLabels(body.Name("emails"), emails);
  body.Close();
  return out;
}

}  // namespace connector::brevo
