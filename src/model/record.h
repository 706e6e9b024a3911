#pragma once

// Records of Pipedrive of any kind, for callers that want them whole.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/person.h"
#include "model/tree.h"

namespace connector {

enum class RecordKind { kPerson, kDeal, kOrganization, kActivity, kLead };

// "person", "deal", ...
std::string_view RecordKindName(RecordKind kind);

// By the names of API v2, a lead by those of v1, whichever version answered.
struct Record {
  RecordKind kind = RecordKind::kPerson;
  Tree::Members members;                                           // without custom fields
  std::vector<std::pair<std::string, CustomValue>> custom_fields;  // by key
};

struct RecordsQuery {
  RecordKind kind = RecordKind::kPerson;
  int page_size = 100;  // 1 to 500
  std::string cursor;   // "" for the first page
  // By Pipedrive's names, such as "owner_id" or "updated_since", in the form it takes them.
  std::vector<std::pair<std::string, std::string>> filters;
  bool archived = false;  // deals and leads: the archived ones instead of the others
};

struct RecordPage {
  std::vector<Record> records;
  std::string next_cursor;  // "" at the end
};

// What changed of late.
struct RecentsQuery {
  Time since;
  std::vector<RecordKind> kinds;
  int page_size = 100;
  std::string cursor;
};

// The member of this name, or null.
const Tree* FindMember(const Tree::Members& members, std::string_view name);

}  // namespace connector
