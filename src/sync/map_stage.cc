#include "sync/map_stage.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "base/strings.h"
#include "sync/plan_batch.h"
#include "sync/single_writer.h"
#include "sync/tally.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

// A write takes no longer; after it, others may take the contact over.
constexpr Duration kLease = std::chrono::minutes(2);
// Between two looks whether others are done with the contact.
constexpr Duration kLookAgain = std::chrono::milliseconds(100);

bool Contains(const std::vector<int64_t>& ids, int64_t id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

class Mapper {
 public:
  Mapper(const Accounts& accounts, const Planning& planning, const StageContext& context)
      : accounts_(accounts), planning_(planning), context_(context) {}

  absl::StatusOr<StageAnswer> Answer(const DealTarget& target) {
    CONNECTOR_ASSIGN_OR_RETURN(Deal deal, ReadDeal(target.deal_id));
    NoteUnmapped(deal);
    if (!target.dry_run) CONNECTOR_RETURN_IF_ERROR(Fold(deal));
    if (!deal.person_id) {
      answer_.warnings.push_back(absl::StrCat("deal ", deal.id, " has no person"));
      return std::move(answer_);
    }
    answer_.person_id = *deal.person_id;
    CONNECTOR_ASSIGN_OR_RETURN(std::optional<store::ContactBundle> bundle, Look(deal.id));
    if (!bundle) return std::move(answer_);
    AddTo(*bundle, FiguresOf(deal));
    const ContactPlan plan = Plan(*bundle);
    Tell(bundle->state, plan);
    if (target.dry_run || RoadOf(planning_, plan) == Road::kNone) return std::move(answer_);
    CONNECTOR_RETURN_IF_ERROR(Apply(bundle->state.key));
    answer_.applied = true;
    return std::move(answer_);
  }

  absl::StatusOr<StageAnswer> Answer(const ImaginedDeal& imagined) {
    answer_.person_id = imagined.person_id;
    Deal deal;
    deal.person_id = imagined.person_id;
    deal.status = imagined.status;
    deal.won_time = deal.lost_time = accounts_.clock.Now();
    if (imagined.stage_id != 0) deal.stage_id = imagined.stage_id;
    deal.pipeline_id = imagined.pipeline_id;
    const Stage* stage = FindStage(planning_.schema, imagined.stage_id);
    if (imagined.pipeline_id == 0 && stage != nullptr) deal.pipeline_id = stage->pipeline_id;
    NoteUnmapped(deal);
    CONNECTOR_ASSIGN_OR_RETURN(std::optional<store::ContactBundle> bundle, Look(/*except=*/0));
    if (!bundle) return std::move(answer_);
    AddTo(*bundle, FiguresOf(deal));
    Tell(bundle->state, Plan(*bundle));
    return std::move(answer_);
  }

 private:
  const std::string& connection() const { return accounts_.settings.connection; }

  // As Pipedrive has it now; what it no longer knows is deleted.
  absl::StatusOr<Deal> ReadDeal(int64_t id) {
    absl::StatusOr<Deal> deal = accounts_.pipedrive.GetDeal(id, context_.pipedrive);
    if (!absl::IsNotFound(deal.status())) return deal;
    CONNECTOR_ASSIGN_OR_RETURN(std::optional<Deal> known,
                               accounts_.store.FindDeal(connection(), id));
    if (!known) return absl::NotFoundError(absl::StrCat("Pipedrive has no deal ", id));
    known->status = DealStatus::kDeleted;
    return *std::move(known);
  }

  void NoteUnmapped(const Deal& deal) {
    if (deal.status != DealStatus::kOpen || !deal.stage_id) return;
    DealFacts facts;
    AddDeal(facts, deal);
    if (!reconcile::DealReasons(planning_.deal_lists, facts).empty()) return;
    const Stage* stage = FindStage(planning_.schema, *deal.stage_id);
    answer_.warnings.push_back(
        absl::StrCat("no list is mapped to stage ", *deal.stage_id,
                     stage != nullptr ? absl::StrCat(" (", stage->name, ")") : ""));
  }

  absl::Status Fold(const Deal& deal) {
    store::IngestBatch batch;
    batch.deals.push_back(deal);
    if (deal.person_id && !deal.is_deleted()) {
      CONNECTOR_ASSIGN_OR_RETURN(const std::vector<int64_t> unknown,
                                 accounts_.store.UnknownPersons(connection(), {*deal.person_id}));
      if (!unknown.empty()) CONNECTOR_RETURN_IF_ERROR(ReadPerson(*deal.person_id, batch));
    }
    return accounts_.store.FinishIngest(connection(), context_.owner, batch).status();
  }

  absl::Status ReadPerson(int64_t id, store::IngestBatch& batch) {
    pipedrive::PersonsQuery query;
    query.selection = PersonSelection(planning_);
    query.ids = {id};
    CONNECTOR_ASSIGN_OR_RETURN(auto page,
                               accounts_.pipedrive.ListPersons(query, "", context_.pipedrive));
    for (Person& person : page.records) {
      batch.persons.push_back(MakePersonRow(planning_, std::move(person)));
    }
    return absl::OkStatus();
  }

  // The person's contact without one deal; nullopt and a warning if it has none.
  absl::StatusOr<std::optional<store::ContactBundle>> Look(int64_t except_deal) {
    CONNECTOR_ASSIGN_OR_RETURN(
        std::optional<store::ContactBundle> bundle,
        accounts_.store.BundleOfPerson(connection(), answer_.person_id, except_deal));
    if (!bundle || bundle->persons.empty()) {
      CONNECTOR_ASSIGN_OR_RETURN(const std::vector<int64_t> unknown,
                                 accounts_.store.UnknownPersons(connection(), {answer_.person_id}));
      answer_.warnings.push_back(
          absl::StrCat("person ", answer_.person_id,
                       unknown.empty() ? " has no contact: it was deleted or has no usable e-mail"
                                       : " is not known yet; run sync persons"));
      return std::nullopt;
    }
    if (!bundle->deals_known) {
      return absl::FailedPreconditionError(
          "the deals have never been read: run sync deals, then ask again");
    }
    return bundle;
  }

  void AddTo(store::ContactBundle& bundle, const DealFigures& figures) const {
    for (size_t i = 0; i < bundle.persons.size(); ++i) {
      if (bundle.persons[i].id == answer_.person_id) AddDeal(bundle.deals[i], figures);
    }
  }

  // As if every identifier it wants were its own: for lists that makes no difference.
  ContactPlan Plan(const store::ContactBundle& bundle) const {
    const MappedContact mapped = MapContact(planning_, bundle, accounts_.phones);
    return PlanContact(planning_, bundle, mapped,
                       std::vector<bool>(mapped.identifiers.size(), true));
  }

  void Tell(const ContactState& state, const ContactPlan& plan) {
    answer_.email = plan.email;
    if (plan.skip) {
      answer_.warnings.push_back(
          absl::StrCat("the contact is not written: ", ToAbsl(SkipReasonName(*plan.skip))));
    }
    for (const reconcile::ListReason& reason : plan.wanted_lists) {
      if (Contains(plan.write.join_lists, reason.list_id)) answer_.joined.push_back(reason);
      if (Contains(state.lists, reason.list_id)) answer_.kept.push_back(reason);
      if (Contains(plan.withheld_lists, reason.list_id)) {
        answer_.withheld.push_back(
            {reason.list_id, "it left this list by its own hand; " + reason.why, reason.name});
      }
    }
    for (const int64_t list : plan.write.leave_lists) {
      answer_.left.push_back({list, "nothing is a reason for it any more",
                              absl::StrJoin(reconcile::NamesOf(planning_.deal_lists, list), ", ")});
    }
  }

  // Writes the contact, unless others do so first.
  absl::Status Apply(int64_t key) {
    CONNECTOR_RETURN_IF_ERROR(
        accounts_.store.MarkContacts(connection(), {key}, store::Urgency::kPrompt));
    while (accounts_.clock.Now() < context_.brevo.deadline) {
      const store::MarkFilter filter{.after_key = key - 1, .last_key = key, .limit = 1};
      CONNECTOR_ASSIGN_OR_RETURN(auto bundles,
                                 accounts_.store.LeaseContacts(connection(), filter, context_.owner,
                                                               accounts_.clock.Now(), kLease));
      if (!bundles.empty()) return Write(std::move(bundles));
      CONNECTOR_ASSIGN_OR_RETURN(const auto bundle,
                                 accounts_.store.BundleOfPerson(connection(), answer_.person_id));
      if (bundle && RoadOf(planning_, Plan(*bundle)) == Road::kNone) return absl::OkStatus();
      if (!accounts_.clock.SleepFor(kLookAgain, context_.brevo.stop)) break;
    }
    return absl::UnavailableError(
        "the contact is being written by another worker; it will come to the same lists");
  }

  absl::Status Write(std::vector<store::ContactBundle> bundles) {
    const int64_t version = bundles.front().version;
    const ContactState before = bundles.front().state;
    Tally tally(accounts_.metrics, connection(), nullptr);
    store::Settlement settlement{
        .state = before, .version = version, .keep_mark = true, .before = before};
    absl::Status outcome;
    auto planned = PlanBatch(accounts_, planning_, accounts_.store, std::move(bundles));
    if (planned.ok()) {
      const std::vector<Identifier> claimed = planned->front().claimed;
      SingleWriter writer(accounts_, planning_, accounts_.store, tally);
      auto written = writer.Write(std::move(planned->front()), context_.brevo);
      outcome = written.status();
      if (written.ok())
        settlement = *std::move(written);
      else
        settlement.released = Unused(claimed, before);
    } else {
      outcome = planned.status();
    }
    CONNECTOR_RETURN_IF_ERROR(
        accounts_.store.SettleContacts(connection(), {settlement}, tally.TakeFailures(), nullptr));
    return outcome;
  }

  const Accounts& accounts_;
  const Planning& planning_;
  const StageContext& context_;
  StageAnswer answer_;
};

}  // namespace

absl::StatusOr<StageAnswer> MapStage(const Accounts& accounts, const Planning& planning,
                                     const StageQuestion& question, const StageContext& context) {
  if (!planning.map.deals_from_table) {
    return absl::FailedPreconditionError(
        "syncing deals is switched off: set connectors.pipedrive.sync.deals to true");
  }
  return std::visit(
      [&](const auto& about) { return Mapper(accounts, planning, context).Answer(about); },
      question);
}

}  // namespace connector::sync
