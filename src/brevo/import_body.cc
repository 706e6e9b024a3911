#include "brevo/import_body.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "brevo/json_members.h"

namespace connector::brevo {
namespace {

constexpr std::string_view kEnd = "]}";

// A row in the order email, attributes, EXT_ID. Identifiers beside the e-mail are attributes in an
// import.
void AppendRow(std::string& out, const ContactWrite& write) {
  out += "{\"email\":";
  AppendJsonString(out, write.email);
  bool first = true;
  const auto name = [&out, &first](std::string_view attribute) {
    out += std::exchange(first, false) ? ",\"attributes\":{" : ",";
    AppendJsonString(out, attribute);
    out.push_back(':');
  };
  for (const auto& [attribute, value] : write.attributes) {
    if (IsEmpty(value)) continue;
    name(attribute);
    AppendValue(out, value);
  }
  if (write.ext_id && !write.ext_id->empty()) {
    name("EXT_ID");
    AppendJsonString(out, *write.ext_id);
  }
  out += first ? "}" : "}}";
}

}  // namespace

ImportBody::ImportBody(int64_t list_id, size_t expected_bytes) : list_id_(list_id) {
  text_.reserve(std::min(expected_bytes, kMaxBytes));
  Clear();
}

bool ImportBody::Append(const ContactWrite& write) {
  const size_t before = text_.size();
  if (rows_ > 0) text_.push_back(',');
  AppendRow(text_, write);
  if (text_.size() + kEnd.size() > kMaxBytes) {
    text_.resize(before);
    return false;
  }
  ++rows_;
  return true;
}

void ImportBody::Finish() {
  text_ += kEnd;
  finished_ = true;
}

void ImportBody::Clear() {
  rows_ = 0;
  finished_ = false;
  text_.clear();
  absl::StrAppend(&text_, "{\"listIds\":[", list_id_,
                  "],\"updateExistingContacts\":true,\"emptyContactsAttributes\":false,"
                  "\"disableNotification\":true,\"jsonBody\":[");
}

}  // namespace connector::brevo
