#pragma once

// Runs as the contract shows them.

#include <optional>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "model/run.h"
#include "pipedrive_connector/v1/operations.pb.h"
#include "pipedrive_connector/v1/run.pb.h"
#include "pipedrive_connector/v1/service.pb.h"

namespace connector::rpc {

namespace v1 = pipedrive_connector::v1;

// How fast a run goes, as whoever watches it has seen.
struct Pace {
  double records_per_second = 0;
  std::optional<Time> estimated_end;
};

v1::RunProgress ToProto(const Run& run, const Pace& pace = {});
v1::PlannedChange ToProto(const PlannedChange& change);
v1::Failure ToProto(const Failure& failure);

// INVALID_ARGUMENT names the field.
absl::StatusOr<RunOptions> ToRunOptions(const v1::SyncPersonsRequest& request);
absl::StatusOr<RunOptions> ToRunOptions(const v1::SyncDealsRequest& request);
absl::StatusOr<RunOptions> ToRunOptions(const v1::SyncOrganizationsRequest& request);
absl::StatusOr<RunOptions> ToRunOptions(const v1::SyncActivitiesRequest& request);
absl::StatusOr<RunOptions> ToRunOptions(const v1::SyncLeadsRequest& request);

// Records of the run that need nothing more.
int64_t FinishedRecords(const RunProgress& progress);

}  // namespace connector::rpc
