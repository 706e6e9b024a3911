#include "model/source_event.h"

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "base/time_format.h"

namespace connector {

std::string_view SourceObjectName(SourceObject object) {
  switch (object) {
    case SourceObject::kPerson:
      return "person";
    case SourceObject::kDeal:
      return "deal";
    case SourceObject::kOrganization:
      return "organization";
    case SourceObject::kActivity:
      return "activity";
    case SourceObject::kLead:
      return "lead";
    case SourceObject::kPipeline:
      return "pipeline";
    case SourceObject::kStage:
      return "stage";
    case SourceObject::kNote:
      return "note";
    case SourceObject::kUser:
      return "user";
    case SourceObject::kOther:
      break;
  }
  return "other";
}

std::string_view SourceActionName(SourceAction action) {
  switch (action) {
    case SourceAction::kCreated:
      return "added";
    case SourceAction::kChanged:
      return "updated";
    case SourceAction::kDeleted:
      return "deleted";
    case SourceAction::kMerged:
      return "merged";
  }
  return "updated";
}

std::string SourceEventKey(std::string_view object, std::string_view id, SourceAction action,
                           Time update_time) {
  return absl::StrCat(ToAbsl(object), "/", ToAbsl(id), "/", ToAbsl(SourceActionName(action)), "/",
                      FormatSeconds(update_time));
}

}  // namespace connector
