#pragma once

// Up to when a walk has seen every change, by the vendor's clock: what the next one starts from.

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status.h"
#include "base/time_format.h"
#include "pipedrive/client.h"
#include "sync/run_session.h"

namespace connector::sync {

// Notes the time of the walk's first answer or, where it has no Date, the newest update of all its
// records, in a cursor of this name, so that a walk that is cut off and resumed knows it. `save`
// commits a cursor.
template <typename Record, typename Save>
absl::Status NoteSeenUpTo(RunSession& session, std::string_view name,
                          const pipedrive::Page<Record>& page, bool first, const Save& save) {
  if (page.server_time && !first) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(const store::Cursor noted,
                             session.work().GetCursor(session.lease(), name));
  std::string time = first ? "" : noted.value;
  if (page.server_time) {
    time = FormatSeconds(*page.server_time);
  } else {
    for (const Record& record : page.records) {
      if (record.update_time) time = std::max(time, FormatSeconds(*record.update_time));
    }
  }
  return time == noted.value ? absl::OkStatus() : save(name, store::Cursor{time, true});
}

// What was noted; the beginning of time for an account without a record and without a clock. Never
// less than the watermark of this name, which it is to become.
inline absl::StatusOr<std::string> SeenUpTo(RunSession& session, std::string_view name,
                                            std::string_view watermark) {
  CONNECTOR_ASSIGN_OR_RETURN(const store::Cursor noted,
                             session.work().GetCursor(session.lease(), name));
  CONNECTOR_ASSIGN_OR_RETURN(const std::string since,
                             session.work().GetWatermark(session.connection(), watermark));
  return std::max(since, noted.value.empty() ? FormatSeconds(Time{}) : noted.value);
}

}  // namespace connector::sync
