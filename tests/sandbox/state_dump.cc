#include "state_dump.h"

#include <map>

#include "text.h"

namespace sandbox {
namespace {

void AppendIds(std::string& out, const char* name, const std::vector<int64_t>& ids) {
  out += std::string(",\"") + name + "\":[";
  for (size_t i = 0; i < ids.size(); ++i) out += (i == 0 ? "" : ",") + std::to_string(ids[i]);
  out += ']';
}

}  // namespace

std::string DumpBrevoState(const BrevoAccount& account) {
  // Attributes are kept as sorted JSON text already.
  std::multimap<std::string, const BrevoContact*> sorted;
  for (const BrevoContact& contact : account.contacts) {
    if (contact.deleted) continue;
    sorted.emplace(contact.email.empty() ? "~" + contact.attributes : Lower(contact.email),
                   &contact);
  }
  std::string out = "{\"contacts\":[\n";
  bool first = true;
  for (const auto& [key, contact] : sorted) {
    if (!first) out += ",\n";
    first = false;
    out += "{\"email\":";
    AppendJsonString(out, contact->email);
    out += ",\"attributes\":" + contact->attributes;
    AppendIds(out, "lists", contact->lists);
    AppendIds(out, "unsubscribed", contact->unsubscribed);
    out += std::string(",\"email_blacklisted\":") + (contact->email_blacklisted ? "true" : "false");
    out += std::string(",\"sms_blacklisted\":") + (contact->sms_blacklisted ? "true" : "false");
    out += '}';
  }
  return out + "\n]}\n";
}

}  // namespace sandbox
