#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "pipedrive_connector/v1/service.pb.h"
#include "sync/pipeline_report.h"

namespace connector::rpc {

// INVALID_ARGUMENT names the field; UNIMPLEMENTED for what can't be split by.
absl::StatusOr<sync::PipelineQuestion> ToPipelineQuestion(
    const pipedrive_connector::v1::ReportPipelineRequest& request, Time now);

void FillPipelineReport(const sync::PipelineReport& report,
                        pipedrive_connector::v1::PipelineReport& out);

// One figure a line: pipeline_id,pipeline,group,stage_id,stage,figure,currency,value. Lines of a
// whole pipeline have no stage. Names that a spreadsheet would take for a formula begin with '.
std::string PipelineReportCsv(const pipedrive_connector::v1::PipelineReport& report);

}  // namespace connector::rpc
