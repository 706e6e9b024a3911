// Contacts as JSON, and pages of them.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "brevo_account.h"
#include "http_message.h"
#include "router.h"

namespace sandbox {

void AppendContact(std::string& out, const BrevoContact& contact);

struct ContactFilter {
  std::optional<int64_t> modified_since, created_since;  // milliseconds
  std::set<int64_t> lists, ids;                          // empty: any
};

// limit, offset and sort (by creation only) are read from the call; default newest first.
Reply ContactPage(const BrevoAccount& account, const Call& call, const ContactFilter& filter,
                  int64_t max_limit);

struct OffsetPaging {
  int64_t limit = 50, offset = 0;
  bool ascending = false;
  std::string wrong;
};
OffsetPaging ParseOffsetPaging(const Call& call, int64_t default_limit, int64_t max_limit);

}  // namespace sandbox
