#include "brevo_json.h"

#include <algorithm>

#include "replies.h"
#include "text.h"

namespace sandbox {
namespace {

void AppendIds(std::string& out, const std::vector<int64_t>& ids) {
  out += '[';
  for (size_t i = 0; i < ids.size(); ++i) out += (i == 0 ? "" : ",") + std::to_string(ids[i]);
  out += ']';
}

bool Passes(const BrevoContact& contact, const ContactFilter& filter) {
  if (contact.deleted) return false;
  if (filter.modified_since && contact.modified_ms < *filter.modified_since) return false;
  if (filter.created_since && contact.created_ms < *filter.created_since) return false;
  if (!filter.ids.empty() && filter.ids.count(contact.id) == 0) return false;
  if (filter.lists.empty()) return true;
  return std::any_of(contact.lists.begin(), contact.lists.end(),
                     [&filter](int64_t list) { return filter.lists.count(list) > 0; });
}

}  // namespace

void AppendContact(std::string& out, const BrevoContact& contact) {
  out += "{\"id\":" + std::to_string(contact.id);
  if (!contact.email.empty()) {
    out += ",\"email\":";
    AppendJsonString(out, contact.email);
  }
  out += contact.email_blacklisted ? ",\"emailBlacklisted\":true" : ",\"emailBlacklisted\":false";
  out += contact.sms_blacklisted ? ",\"smsBlacklisted\":true" : ",\"smsBlacklisted\":false";
  out += ",\"whatsappBlacklisted\":false,\"createdAt\":\"" + FormatIsoMillis(contact.created_ms) +
         "\",\"modifiedAt\":\"" + FormatIsoMillis(contact.modified_ms) + "\",\"listIds\":";
  AppendIds(out, contact.lists);
  // Seen only where there is something to say.
  if (!contact.unsubscribed.empty()) {
    out += ",\"listUnsubscribed\":";
    AppendIds(out, contact.unsubscribed);
  }
  out += ",\"attributes\":" + contact.attributes + "}";
}

OffsetPaging ParseOffsetPaging(const Call& call, int64_t default_limit, int64_t max_limit) {
  OffsetPaging paging;
  paging.limit = default_limit;
  const auto number = [&](const char* name, int64_t& out, int64_t low, int64_t high) {
    const auto text = call.Query(name);
    if (!text) return;
    const auto value = ParseInteger(*text);
    if (!value || *value < low || *value > high) {
      paging.wrong = std::string(name) + " exceeds max value or is not valid";
    } else {
      out = *value;
    }
  };
  number("limit", paging.limit, 0, max_limit);
  number("offset", paging.offset, 0, INT64_MAX / 2);
  const std::string sort = call.Query("sort").value_or("desc");
  if (sort != "asc" && sort != "desc") paging.wrong = "sort must be asc or desc";
  paging.ascending = sort == "asc";
  return paging;
}

Reply ContactPage(const BrevoAccount& account, const Call& call, const ContactFilter& filter,
                  int64_t max_limit) {
  const OffsetPaging paging = ParseOffsetPaging(call, 50, max_limit);
  if (!paging.wrong.empty()) {
    return BrevoFail(400, "out_of_range", paging.wrong);
  }
  Reply reply;
  reply.body = "{\"contacts\":[";
  int64_t seen = 0;
  int64_t taken = 0;
  const size_t n = account.contacts.size();
  for (size_t i = 0; i < n; ++i) {
    const BrevoContact& contact = account.contacts[paging.ascending ? i : n - 1 - i];
    if (!Passes(contact, filter)) continue;
    if (seen++ < paging.offset || taken >= paging.limit) continue;
    if (taken++ > 0) reply.body += ',';
    AppendContact(reply.body, contact);
  }
  reply.body += "],\"count\":" + std::to_string(seen) + "}";
  return reply;
}

}  // namespace sandbox
