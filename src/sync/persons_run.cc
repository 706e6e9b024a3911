#include "sync/persons_run.h"

#include <algorithm>
#include <future>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_format.h"
#include "sync/converge.h"
#include "sync/erase.h"
#include "sync/person_creation.h"
#include "sync/planning.h"
#include "sync/side_by_side.h"
#include "sync/sweep.h"
#include "sync/walk_contacts.h"
#include "sync/walk_deals.h"
#include "sync/walk_leads.h"
#include "sync/walk_organizations.h"
#include "sync/walk_parts.h"
#include "sync/walk_persons.h"

namespace connector::sync {
namespace {

// Lasting marks of a connection.
constexpr std::string_view kNextSince =
    "persons.updated_since.next";                                 // the same, of the run at work
constexpr std::string_view kFingerprint = "persons.fingerprint";  // mapping the contacts agree with

// Up to so many persons, looking each contact up is cheaper than reading all of Brevo.
constexpr size_t kLookUpInsteadOfWalk = 50;

// What a run is going to read.
struct Scope {
  bool full = true;  // all persons, or those of a filter
  bool walk_contacts = true;
  std::optional<Time> since;           // incremental
  std::optional<Time> contacts_since;  // likewise, of Brevo's contacts; none: they are not read
  bool mark_all = false;
};

// A run that can tell what is gone: it reads everything on both sides.
bool SeesEverything(const RunSession& session, const Scope& scope) {
  return scope.full && scope.walk_contacts && !session.run().options.filtered();
}

absl::StatusOr<Scope> ChooseScope(RunSession& session, const Planning& planning) {
  const RunOptions& options = session.run().options;
  const std::string& connection = session.connection();
  store::Store& store = session.work();
  CONNECTOR_ASSIGN_OR_RETURN(const std::string since,
                             store.GetWatermark(connection, kPersonsSince));
  CONNECTOR_ASSIGN_OR_RETURN(const std::string fingerprint,
                             store.GetWatermark(connection, kFingerprint));
  CONNECTOR_ASSIGN_OR_RETURN(const std::optional<Time> contacts_read, ContactsReadAt(session));
  Scope scope;
  scope.mark_all = options.filtered() || fingerprint != planning.fingerprint;
  if (options.filtered()) {
    const bool few = !options.ids.empty() && options.ids.size() <= kLookUpInsteadOfWalk;
    scope.walk_contacts = !contacts_read && !few;
    return scope;
  }
  if (options.mode == RunMode::kFull || fingerprint != planning.fingerprint) return scope;
  const std::optional<Time> watermark = ParseTime(since);
  if (!watermark) return scope;
  scope.full = false;
  scope.walk_contacts = false;
  scope.since = *watermark - kOverlap;
  if (contacts_read) scope.contacts_since = *contacts_read - kOverlap;
  return scope;
}

absl::StatusOr<PersonsWalk> PersonsWalkFor(RunSession& session, const Scope& scope) {
  const RunOptions& options = session.run().options;
  PersonsWalk walk;
  walk.query.updated_since = scope.since;
  walk.query.filter_id = options.filter_id;
  walk.query.ids = options.ids;
  if (options.list_id) {
    CONNECTOR_ASSIGN_OR_RETURN(
        walk.query.ids, session.work().PersonsInList(session.connection(), *options.list_id));
  }
  walk.contacts_are_known = scope.walk_contacts;
  walk.organizations_are_known = scope.full && !options.filtered();
  walk.note_seen = SeesEverything(session, scope);
  walk.mark_all = scope.mark_all;
  if (!options.filtered()) walk.note_time_in = kNextSince;
  return walk;
}

// Before the persons, so that what is written of them is whole and nobody is written twice. A run
// of changed persons leaves changed deals to the runs of deals, unless none has filled the table
// yet.
absl::Status ReadDeals(const Accounts& accounts, const Planning& planning, RunSession& session,
                       const Scope& scope) {
  if (!planning.map.deals_from_table) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(DealsWalk walk, UnfilteredDealsWalk(session, accounts));
  walk.counts_records = false;
  if (session.run().options.filtered()) {
    if (walk.full) {
      session.Warn(
          "deals have not been read yet: counts, revenue and lists that depend on them stay as "
          "they are until `sync deals` or a whole `sync persons` has run");
    }
    return absl::OkStatus();
  }
  if (!scope.full && !walk.full) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(const bool fresh, DealsAreFresh(session, accounts));
  return fresh ? absl::OkStatus() : WalkDeals(accounts, planning, session, walk);
}

// Likewise; a run of changed persons leaves changed leads to the runs of leads.
absl::Status ReadLeads(const Accounts& accounts, const Planning& planning, RunSession& session,
                       const Scope& scope) {
  if (!planning.leads_from_table || session.run().options.filtered()) return absl::OkStatus();
  if (planning.qualified_leads_list == 0 && !planning.map.wants_leads) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(LeadsWalk walk, UnfilteredLeadsWalk(session));
  walk.counts_records = false;
  if (!scope.full && !walk.full) return absl::OkStatus();
  return WalkLeads(accounts, planning, session, walk);
}

absl::Status ReadContacts(const Accounts& accounts, const Planning& planning, RunSession& session) {
  CONNECTOR_RETURN_IF_ERROR(WalkContacts(accounts, planning, session));
  CONNECTOR_ASSIGN_OR_RETURN(const store::Cursor persons,
                             session.work().GetCursor(session.lease(), "persons"));
  // Once, before the run writes: what it imported since, the walk could not show.
  return persons == store::Cursor{} ? ReopenVanishedContacts(session) : absl::OkStatus();
}

// What neither knows nor makes contacts, and so may be read while these are.
absl::Status ReadOrganizationsAndDeals(const Accounts& accounts, const Planning& planning,
                                       RunSession& session, const Scope& scope) {
  // Changed ones have runs of their own where they are switched on.
  const bool by_themselves = accounts.settings.organizations && !scope.full;
  if (!session.run().options.filtered() && !by_themselves) {
    CONNECTOR_RETURN_IF_ERROR(WalkOrganizations(accounts, planning, session, scope.since));
  }
  return ReadDeals(accounts, planning, session, scope);
}

absl::Status Read(const Accounts& accounts, const Planning& planning, RunSession& session,
                  const Scope& scope) {
  const auto read_pipedrive = [&] {
    return ReadOrganizationsAndDeals(accounts, planning, session, scope);
  };
  if (scope.walk_contacts) {
    CONNECTOR_RETURN_IF_ERROR(session.EnterPhase(RunPhase::kReadBrevo));
    CONNECTOR_RETURN_IF_ERROR(SideBySide(
        session, [&] { return ReadContacts(accounts, planning, session); }, read_pipedrive));
    CONNECTOR_RETURN_IF_ERROR(session.EnterPhase(RunPhase::kReadPipedrive));
  } else {
    if (scope.contacts_since) {
      // What webhooks did not tell: Brevo has none for a new contact, and discards those that it
      // could not deliver. Our own writes are among it, and are confirmed by it.
      CONNECTOR_RETURN_IF_ERROR(session.EnterPhase(RunPhase::kReadBrevo));
      CONNECTOR_RETURN_IF_ERROR(WalkContacts(accounts, planning, session, scope.contacts_since));
    }
    CONNECTOR_RETURN_IF_ERROR(session.EnterPhase(RunPhase::kReadPipedrive));
    CONNECTOR_RETURN_IF_ERROR(read_pipedrive());
  }
  // From here on persons are bound to contacts, which must be known.
  CONNECTOR_RETURN_IF_ERROR(ReadLeads(accounts, planning, session, scope));
  CONNECTOR_ASSIGN_OR_RETURN(const PersonsWalk walk, PersonsWalkFor(session, scope));
  if (session.run().options.list_id && walk.query.ids.empty()) {
    session.Warn(absl::StrCat("no synced person's contact is in Brevo list ",
                              *session.run().options.list_id));
    return absl::OkStatus();
  }
  CONNECTOR_RETURN_IF_ERROR(WalkPersons(accounts, planning, session, walk));
  if (walk.note_seen) CONNECTOR_RETURN_IF_ERROR(Sweep(accounts, planning, session));
  return scope.walk_contacts ? absl::OkStatus()
                             : ResolveUnknownContacts(accounts, planning, session);
}

absl::Status ConvergeMarks(const Accounts& accounts, const Planning& planning,
                           RunSession& session) {
  CONNECTOR_RETURN_IF_ERROR(session.EnterPhase(RunPhase::kConverge));
  // A run of everything also does what earlier runs left undone when they failed or were cancelled;
  // in one walk by key, so that of two claims to a phone number the same wins as ever.
  Converge converge(accounts, planning,
                    {.store = session.work(),
                     .owner = session.lease().owner,
                     .run_id = session.run().id,
                     .with_free = !session.run().options.filtered(),
                     .brevo = session.BrevoContext(),
                     .pipedrive = session.PipedriveContext(),
                     .session = &session});
  return session.run().options.dry_run ? converge.DryRun() : converge.Drain();
}

// Only a whole, successful run moves the marks that later runs start from.
absl::Status MoveWatermarks(RunSession& session, const Planning& planning, const Scope& scope) {
  if (session.run().options.filtered() || session.run().options.dry_run) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(std::string next,
                             session.work().GetWatermark(session.connection(), kNextSince));
  if (!next.empty()) session.MoveOnSuccess(kPersonsSince, std::move(next));
  if (scope.full) session.MoveOnSuccess(kFingerprint, planning.fingerprint);
  return absl::OkStatus();
}

// Behind the run: each is made by whoever handles what is told of its contact.
absl::Status CreatePersons(const Accounts& accounts, const Planning& planning,
                           RunSession& session) {
  if (session.run().options.filtered()) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(const int64_t found, QueueCreations(accounts, planning, session));
  if (found > 0 && session.run().options.dry_run) {
    session.Warn(
        absl::StrCat(found,
                     " contacts of create_persons_from have no person and would become one, unless "
                     "Pipedrive has it under another address"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunPersons(const Accounts& accounts, RunSession& session) {
  if (session.run().options.dry_run) CONNECTOR_RETURN_IF_ERROR(session.UseScratchCopy());
  CONNECTOR_RETURN_IF_ERROR(session.EnterPhase(RunPhase::kPrepare));
  const auto load = [&](Schema schema) {
    return LoadPlanning(accounts, session.work(), session.PipedriveContext(),
                        session.BrevoContext(), schema);
  };
  CONNECTOR_ASSIGN_OR_RETURN(Planning planning, load(Schema::kStored));
  CONNECTOR_ASSIGN_OR_RETURN(Scope scope, ChooseScope(session, planning));
  if (scope.full && !session.run().options.filtered()) {
    CONNECTOR_ASSIGN_OR_RETURN(planning, load(Schema::kFresh));
    CONNECTOR_ASSIGN_OR_RETURN(scope, ChooseScope(session, planning));
  }
  session.progress().full = scope.full;
  // What an erasure left pending; the planning it goes by is stored now.
  if (!session.run().options.dry_run) {
    CONNECTOR_RETURN_IF_ERROR(ResumeErasures(accounts, session.BrevoContext()));
  }
  for (const std::string& warning : planning.warnings) session.Warn(warning);
  CONNECTOR_RETURN_IF_ERROR(Read(accounts, planning, session, scope));
  CONNECTOR_RETURN_IF_ERROR(ConvergeMarks(accounts, planning, session));
  CONNECTOR_RETURN_IF_ERROR(CreatePersons(accounts, planning, session));
  CONNECTOR_RETURN_IF_ERROR(MoveWatermarks(session, planning, scope));
  session.progress().phase = RunPhase::kDone;
  return session.CheckGoOn();
}

}  // namespace connector::sync
