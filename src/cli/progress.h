#pragma once

// How a run looks to a person. Pure.

#include <string>
#include <string_view>

#include "base/clock.h"
#include "pipedrive_connector/v1/run.pb.h"

namespace connector::cli {

namespace v1 = ::pipedrive_connector::v1;

// "succeeded", "read_brevo": names of the contract without their prefix, in lower case.
std::string Name(v1::RunKind kind);
std::string Name(v1::RunState state);
std::string Name(v1::RunPhase phase);
std::string Name(v1::SyncMode mode);
std::string Name(v1::SkipReason reason);
std::string Name(v1::FailureReason reason);
std::string Name(v1::RecordKind kind);

bool IsFinal(v1::RunState state);

// One line without newline: a bar, the share done if it can be told, the phase, counts, rate and
// the time left. At most `width` columns.
std::string ProgressBar(const v1::RunProgress& progress, Time now, size_t width);

// The same without a bar, for logs.
std::string ProgressLine(const v1::RunProgress& progress);

// The result of a run as an aligned table.
std::string Summary(const v1::RunProgress& progress);

// One record of a dry run: a line, and one more for each field and list.
std::string PlannedText(const v1::PlannedChange& change);

// Seconds from the start of a run to its end; 0 if either is not known.
double DurationSeconds(const v1::RunProgress& progress);

// "2026-11-24 08:15:30", or "" if not set.
std::string TimeText(const google::protobuf::Timestamp& time);

}  // namespace connector::cli
