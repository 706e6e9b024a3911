#include "sync/converge.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "sync/cost_estimate.h"
#include "sync/flip_breaker.h"
#include "sync/import_settler.h"

namespace connector::sync {
namespace {

constexpr int kBatch = 500;
// Outside a run. A batch of single writes takes 50 seconds at Brevo's 10 calls a second; if its
// process dies, somebody may be waiting for them.
constexpr Duration kContactLease = std::chrono::minutes(2);
// In a run, whose heartbeat prolongs them together with its own lease.
constexpr Duration kContactLeaseInRun = std::chrono::minutes(1);
// Rows that Brevo refused for one identifier come round again without it; four identifiers can be
// refused one after the other, and a failed job once more.
constexpr int kMaxPasses = 6;
// So many contacts failing one after the other for a passing reason mean that the API is down.
constexpr int kPassingFailuresAllowed = 5;
constexpr Duration kRetryAfter = std::chrono::minutes(1);
// Contacts that an import gave back go by import again, in one job, unless it is hardly any: the
// jobs are being waited for anyway.
constexpr size_t kImportAgainFrom = 3;

bool IsPassing(const absl::Status& error) {
  const Reaction reaction = ReactionOf(error);
  return reaction == Reaction::kRetry || reaction == Reaction::kAmbiguous;
}

}  // namespace

Converge::Converge(const Accounts& accounts, const Planning& planning, Scope scope)
    : accounts_(accounts),
      planning_(planning),
      scope_(std::move(scope)),
      import_threshold_(static_cast<size_t>(accounts.settings.import_threshold)),
      tally_(accounts.metrics, accounts.settings.connection, scope_.session),
      person_writer_(accounts, planning, scope_.store, tally_),
      single_writer_(accounts, planning, scope_.store, tally_) {}

absl::Status Converge::Drain() {
  ImportSettler settler(accounts_, scope_.store, tally_, scope_.run_id);
  CONNECTOR_RETURN_IF_ERROR(settler.Recover());
  for (int pass = 0; pass < kMaxPasses; ++pass) {
    CONNECTOR_RETURN_IF_ERROR(WritePass());
    const int64_t ended_before = settler.ended_jobs();
    const absl::Status settled = settler.Settle(scope_.brevo);
    for (std::string& warning : settler.TakeWarnings()) {
      accounts_.log.Warning(warning, {{"run", scope_.run_id}});
      if (scope_.session != nullptr) scope_.session->Warn(std::move(warning));
    }
    CONNECTOR_RETURN_IF_ERROR(settled);
    // A job, be it one that an ended run left open, may have kept contacts from this pass.
    if (!importing_ && settler.ended_jobs() == ended_before) return absl::OkStatus();
    import_threshold_ = kImportAgainFrom;
  }
  return absl::OkStatus();
}

absl::Status Converge::CheckGoOn() const {
  return scope_.session != nullptr ? scope_.session->CheckGoOn() : absl::OkStatus();
}

absl::StatusOr<std::vector<PlannedContact>> Converge::NextBatch(int limit, Duration lease) {
  store::MarkFilter filter{.run_id = scope_.run_id,
                           .with_free = scope_.with_free,
                           .after_key = after_key_,
                           .limit = limit};
  if (scope_.run_id.empty()) filter.urgency = scope_.urgency;
  CONNECTOR_ASSIGN_OR_RETURN(
      auto bundles, scope_.store.LeaseContacts(accounts_.settings.connection, filter, scope_.owner,
                                               accounts_.clock.Now(), lease));
  if (!bundles.empty()) after_key_ = bundles.back().state.key;
  return PlanBatch(accounts_, planning_, scope_.store, std::move(bundles));
}

absl::Status Converge::WritePass() {
  after_key_ = 0;
  importing_ = false;
  ImportQueue imports(accounts_, planning_, scope_.store, scope_.run_id);
  const Duration lease = scope_.session != nullptr ? kContactLeaseInRun : kContactLease;
  while (true) {
    CONNECTOR_RETURN_IF_ERROR(CheckGoOn());
    CONNECTOR_ASSIGN_OR_RETURN(auto batch, NextBatch(kBatch, lease));
    if (batch.empty()) break;
    CONNECTOR_RETURN_IF_ERROR(WriteBatch(std::move(batch), imports));
  }
  CONNECTOR_RETURN_IF_ERROR(WriteBuffered());
  return imports.Finish(scope_.brevo);
}

absl::StatusOr<int64_t> Converge::WriteSome(int limit) {
  after_key_ = 0;
  CONNECTOR_ASSIGN_OR_RETURN(auto batch, NextBatch(limit, kContactLease));
  const auto found = static_cast<int64_t>(batch.size());
  for (PlannedContact& contact : batch) {
    if (Rests(contact)) continue;
    CONNECTOR_ASSIGN_OR_RETURN(const bool goes_on, WritePerson(contact));
    if (!goes_on) continue;
    if (BookUnwritten(contact)) {
      Settle(contact);
    } else {
      CONNECTOR_RETURN_IF_ERROR(WriteSingle(std::move(contact)));
    }
  }
  CONNECTOR_RETURN_IF_ERROR(SettleDone());
  return found;
}

absl::Status Converge::WriteBatch(std::vector<PlannedContact> batch, ImportQueue& imports) {
  for (PlannedContact& contact : batch) {
    if (Rests(contact)) continue;
    CONNECTOR_ASSIGN_OR_RETURN(const bool goes_on, WritePerson(contact));
    if (!goes_on) continue;
    if (BookUnwritten(contact)) {
      Settle(contact);
    } else if (RoadOf(planning_, contact.plan) == Road::kSingle) {
      CONNECTOR_RETURN_IF_ERROR(WriteSingle(std::move(contact)));
    } else if (importing_) {
      CONNECTOR_RETURN_IF_ERROR(imports.Add(contact, scope_.brevo));
    } else {
      CONNECTOR_RETURN_IF_ERROR(Buffer(std::move(contact), imports));
    }
  }
  return SettleDone();
}

absl::Status Converge::Buffer(PlannedContact contact, ImportQueue& imports) {
  buffer_.push_back(std::move(contact));
  if (buffer_.size() < import_threshold_) return absl::OkStatus();
  importing_ = true;
  for (const PlannedContact& buffered : std::exchange(buffer_, {})) {
    CONNECTOR_RETURN_IF_ERROR(imports.Add(buffered, scope_.brevo));
  }
  return absl::OkStatus();
}

absl::Status Converge::WriteBuffered() {
  for (PlannedContact& contact : std::exchange(buffer_, {})) {
    CONNECTOR_RETURN_IF_ERROR(CheckGoOn());
    CONNECTOR_RETURN_IF_ERROR(WriteSingle(std::move(contact)));
  }
  return absl::OkStatus();
}

// Settled at once: a crash costs at most the look at one write.
absl::Status Converge::WriteSingle(PlannedContact contact) {
  const store::Settlement later{.state = contact.bundle.state,
                                .version = contact.bundle.version,
                                .released = Unused(contact.claimed, contact.bundle.state),
                                .keep_mark = true,
                                .retry_after = kRetryAfter,
                                .before = contact.bundle.state};
  const Time marked_at = contact.bundle.marked_at;
  absl::StatusOr<store::Settlement> settlement =
      single_writer_.Write(std::move(contact), scope_.brevo);
  if (settlement.ok()) {
    passing_failures_in_a_row_ = 0;
    // A run writes what it marked itself: that says nothing of how soon a change arrives.
    if (scope_.session == nullptr) {
      accounts_.metrics.OnChangeDelivered(accounts_.settings.connection,
                                          accounts_.clock.Now() - marked_at);
    }
    settled_.push_back(*std::move(settlement));
    return SettleDone();
  }
  return PutOff(later, settlement.status());
}

absl::Status Converge::PutOff(store::Settlement later, const absl::Status& error) {
  if (!IsPassing(error) || ++passing_failures_in_a_row_ > kPassingFailuresAllowed) return error;
  accounts_.log.Warning(
      "contact is tried again later",
      {{"run", scope_.run_id}, {"contact", later.state.key}, {"error", error.ToString()}});
  settled_.push_back(std::move(later));
  return SettleDone();
}

// A write that may have arrived is no doubt: sent again it changes nothing.
absl::StatusOr<bool> Converge::WritePerson(PlannedContact& contact) {
  if (contact.plan.person_write.empty()) return true;
  CONNECTOR_RETURN_IF_ERROR(CheckGoOn());
  const absl::Status written = person_writer_.Write(contact, scope_.pipedrive);
  if (written.ok()) return true;
  CONNECTOR_RETURN_IF_ERROR(PutOff({.state = contact.bundle.state,
                                    .version = contact.bundle.version,
                                    .released = Unused(contact.claimed, contact.bundle.state),
                                    .keep_mark = true,
                                    .retry_after = kRetryAfter,
                                    .before = contact.bundle.state},
                                   written));
  return false;
}

// A block is written all the same: it is no quarrel that could be lost.
bool Converge::Rests(PlannedContact& contact) {
  ContactPlan& plan = contact.plan;
  const int limit = accounts_.settings.two_way.flips_per_hour;
  const FlipVerdict verdict = CheckFlips(plan, limit, accounts_.clock.Now());
  if (!verdict.rests || plan.write.block_email) return false;
  tally_.Skipped(SkipReason::kBreaker);
  if (verdict.is_news) {
    tally_.Failed("person", absl::StrCat(plan.person_id), FailureReason::kRefusedByBrevo,
                  verdict.attribute,
                  absl::StrCat("it went back and forth more than ", limit,
                               " times within an hour: something else sets it back. It rests for ",
                               std::chrono::ceil<std::chrono::minutes>(verdict.rest).count(),
                               " minutes, or until its failures are retried"));
  }
  ContactState state = contact.bundle.state;
  state.flips = plan.state.flips;
  settled_.push_back({.state = std::move(state),
                      .version = contact.bundle.version,
                      .released = Unused(contact.claimed, contact.bundle.state),
                      .keep_mark = true,
                      .retry_after = verdict.rest,
                      .before = contact.bundle.state});
  return true;
}

bool Converge::BookUnwritten(PlannedContact& contact) {
  const ContactPlan& plan = contact.plan;
  for (const FieldLoss& loss : plan.losses) {
    tally_.Failed("person", absl::StrCat(plan.person_id), loss.reason, loss.attribute, loss.detail);
  }
  if (contact.bundle.persons.size() > 1) {
    tally_.Skipped(SkipReason::kDuplicateEmail,
                   static_cast<int64_t>(contact.bundle.persons.size()) - 1);
  }
  if (plan.action == PlanAction::kSkip) {
    tally_.Skipped(plan.skip.value_or(SkipReason::kNoEmail));
    return true;
  }
  if (plan.action != PlanAction::kNothing) return false;
  if (contact.person_written) {
    tally_.Updated();
  } else if (plan.person_id != 0) {
    tally_.Unchanged();
  }
  return true;
}

void Converge::Settle(PlannedContact& contact) {
  settled_.push_back({.state = contact.plan.state,
                      .version = contact.bundle.version,
                      .released = Unused(contact.claimed, contact.plan.state),
                      .before = std::move(contact.bundle.state),
                      .binding = contact.plan.binding});
}

absl::Status Converge::SettleDone() {
  // Contacts that go by import settle when their job ends, but what their plans lost is told now.
  if (settled_.empty() && !tally_.has_failures()) return absl::OkStatus();
  absl::Status committed = scope_.store.SettleContacts(accounts_.settings.connection, settled_,
                                                       tally_.TakeFailures(), tally_.Update());
  settled_.clear();
  return committed;
}

// Unchanged contacts are only counted, unless something of them is lost.
void Converge::Show(const PlannedContact& contact, Road road,
                    std::vector<PlannedChange>& changes) const {
  const ContactPlan& plan = contact.plan;
  if (plan.action != PlanAction::kNothing || !plan.losses.empty() ||
      !plan.pipedrive_fields.empty()) {
    changes.push_back(Describe(plan, road));
  }
  const std::vector<Person>& persons = contact.bundle.persons;
  for (size_t i = 1; i < persons.size(); ++i) {
    changes.push_back(DescribeSkip(persons[i].id, plan.email, SkipReason::kDuplicateEmail,
                                   absl::StrCat("person ", persons[0].id, " gives the fields")));
  }
}

absl::Status Converge::DryRun() {
  RunSession& session = *scope_.session;
  CostEstimate cost(planning_, import_threshold_);
  after_key_ = 0;
  while (true) {
    CONNECTOR_RETURN_IF_ERROR(CheckGoOn());
    CONNECTOR_ASSIGN_OR_RETURN(auto batch, NextBatch(kBatch, kContactLeaseInRun));
    if (batch.empty()) {
      cost.AddTo(session.progress().planned);
      return session.SaveProgress();
    }
    std::vector<PlannedChange> changes;
    for (PlannedContact& contact : batch) {
      const Road road = RoadOf(planning_, contact.plan);
      cost.Add(road, contact.plan);
      if (!contact.plan.person_write.empty()) {
        contact.person_written = true;
        tally_.PersonUpdated();
      }
      if (!BookUnwritten(contact)) {
        contact.plan.action == PlanAction::kCreate ? tally_.Created() : tally_.Updated();
      }
      Show(contact, road, changes);
      if (road != Road::kNone) RecordWrite(contact.plan.state, contact.plan.write);
      Settle(contact);
    }
    CONNECTOR_RETURN_IF_ERROR(SettleDone());
    CONNECTOR_RETURN_IF_ERROR(session.book().AppendPlan(session.lease(), changes));
    CONNECTOR_RETURN_IF_ERROR(session.SaveProgress());
  }
}

}  // namespace connector::sync
