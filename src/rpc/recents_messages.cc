#include "rpc/recents_messages.h"

#include <google/protobuf/util/time_util.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "base/status.h"
#include "base/strings.h"
#include "rpc/record_queries.h"

namespace connector::rpc {
namespace {

namespace v1 = pipedrive_connector::v1;

using google::protobuf::Message;

Time MonthBefore(Time now) {
  const absl::Time time = absl::FromUnixMicros(now.time_since_epoch().count());
  const absl::CivilSecond second = absl::ToCivilSecond(time, absl::UTCTimeZone());
  const absl::CivilMonth month = absl::CivilMonth(second) - 1;
  // No later than its last day: a month before March 31 is February 28 or 29.
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  const int day = std::min(second.day(), last.day());
  const absl::CivilSecond before(month.year(), month.month(), day, second.hour(), second.minute(),
                                 second.second());
  return Time(
      std::chrono::microseconds(absl::ToUnixMicros(absl::FromCivil(before, absl::UTCTimeZone()))));
}

}  // namespace

absl::StatusOr<RecordKind> KindOf(v1::RecordKind kind, std::string_view field) {
  switch (kind) {
    case v1::RECORD_KIND_PERSON:
      return RecordKind::kPerson;
    case v1::RECORD_KIND_DEAL:
      return RecordKind::kDeal;
    case v1::RECORD_KIND_ORGANIZATION:
      return RecordKind::kOrganization;
    case v1::RECORD_KIND_ACTIVITY:
      return RecordKind::kActivity;
    case v1::RECORD_KIND_LEAD:
      return RecordKind::kLead;
    default:
      return absl::InvalidArgumentError(absl::StrCat(ToAbsl(field), ": must name a kind"));
  }
}

absl::StatusOr<RecentsQuery> RecentsOf(const v1::ListRecentsRequest& request, Time now) {
  RecentsQuery query;
  CONNECTOR_ASSIGN_OR_RETURN(query.page_size, PageSizeOf(request.page_size()));
  CONNECTOR_ASSIGN_OR_RETURN(query.cursor, CursorOf(request));
  if (!request.has_since()) return absl::InvalidArgumentError("since: must be set");
  query.since = Time(std::chrono::microseconds(
      google::protobuf::util::TimeUtil::TimestampToMicroseconds(request.since())));
  // Pipedrive would leave out what is older without a word. The later pages of a walk that began
  // within the month are let through.
  if (query.since < MonthBefore(now) && query.cursor.empty()) {
    return absl::InvalidArgumentError(
        "since: Pipedrive remembers what changed for one month only; for older changes list the "
        "records with updated_since");
  }
  for (const int kind : request.kinds()) {
    CONNECTOR_ASSIGN_OR_RETURN(const RecordKind one,
                               KindOf(static_cast<v1::RecordKind>(kind), "kinds"));
    if (one == RecordKind::kLead) {
      return absl::InvalidArgumentError(
          "kinds: Pipedrive's recent changes have no leads; use ListLeads with updated_since");
    }
    query.kinds.push_back(one);
  }
  if (query.kinds.empty()) {
    query.kinds = {RecordKind::kPerson, RecordKind::kDeal, RecordKind::kOrganization,
                   RecordKind::kActivity};
  }
  return query;
}

Message& RecordOf(RecordKind kind, v1::RecentChange& change) {
  switch (kind) {
    case RecordKind::kPerson:
      return *change.mutable_person();
    case RecordKind::kDeal:
      return *change.mutable_deal();
    case RecordKind::kOrganization:
      return *change.mutable_organization();
    case RecordKind::kActivity:
      return *change.mutable_activity();
    case RecordKind::kLead:
      break;
  }
  return *change.mutable_lead();
}

}  // namespace connector::rpc
