#include "model/record.h"

namespace connector {

std::string_view RecordKindName(RecordKind kind) {
  switch (kind) {
    case RecordKind::kPerson:
      return "person";
    case RecordKind::kDeal:
      return "deal";
    case RecordKind::kOrganization:
      return "organization";
    case RecordKind::kActivity:
      return "activity";
    case RecordKind::kLead:
      return "lead";
  }
  return "record";
}

const Tree* FindMember(const Tree::Members& members, std::string_view name) {
  for (const auto& [own, value] : members) {
    if (own == name) return &value;
  }
  return nullptr;
}

}  // namespace connector
