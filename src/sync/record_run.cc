#include "sync/record_run.h"

#include <string>

#include "base/status.h"
#include "sync/converge.h"
#include "sync/walk_contacts.h"

namespace connector::sync {

absl::Status RunRecords(const Accounts& accounts, RunSession& session, ReadRecords read) {
  const RunOptions& options = session.run().options;
  if (options.dry_run) CONNECTOR_RETURN_IF_ERROR(session.UseScratchCopy());
  CONNECTOR_RETURN_IF_ERROR(session.EnterPhase(RunPhase::kPrepare));
  CONNECTOR_ASSIGN_OR_RETURN(const Planning planning,
                             LoadPlanning(accounts, session.work(), session.PipedriveContext(),
                                          session.BrevoContext(), Schema::kStored));
  for (const std::string& warning : planning.warnings) session.Warn(warning);
  CONNECTOR_RETURN_IF_ERROR(session.EnterPhase(RunPhase::kReadPipedrive));
  CONNECTOR_RETURN_IF_ERROR(read(accounts, planning, session));
  CONNECTOR_RETURN_IF_ERROR(ResolveUnknownContacts(accounts, planning, session));
  CONNECTOR_RETURN_IF_ERROR(session.EnterPhase(RunPhase::kConverge));
  Converge converge(accounts, planning,
                    {.store = session.work(),
                     .owner = session.lease().owner,
                     .run_id = session.run().id,
                     .with_free = !options.filtered(),
                     .brevo = session.BrevoContext(),
                     .pipedrive = session.PipedriveContext(),
                     .session = &session});
  CONNECTOR_RETURN_IF_ERROR(options.dry_run ? converge.DryRun() : converge.Drain());
  session.progress().phase = RunPhase::kDone;
  return session.CheckGoOn();
}

}  // namespace connector::sync
