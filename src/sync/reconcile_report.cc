#include "sync/reconcile_report.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "sync/explain.h"

namespace connector::sync {
namespace {

// Contacts or persons in memory at once.
constexpr int kPage = 500;
constexpr size_t kKinds = 5;

bool Contains(const std::vector<int64_t>& ids, int64_t id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// Counts one population.
class Tallying {
 public:
  Tallying(int64_t list_id, std::string name, size_t max_examples) : most_(max_examples) {
    part_.list_id = list_id;
    part_.list_name = std::move(name);
    for (size_t i = 0; i < kKinds; ++i) differences_[i].kind = static_cast<DifferenceKind>(i);
  }

  void Wanted() { ++part_.wanted; }
  void Actual() { ++part_.actual; }

  // `detail` is made for examples alone.
  template <typename Detail>
  void Note(DifferenceKind kind, const ContactPlan& plan, const Detail& detail) {
    Note(kind, plan.person_id, plan.email, detail);
  }
  template <typename Detail>
  void Note(DifferenceKind kind, int64_t person_id, const std::string& email,
            const Detail& detail) {
    Difference& difference = differences_[static_cast<size_t>(kind)];
    ++difference.count;
    if (difference.examples.size() >= most_) return;
    difference.examples.push_back({person_id, email, detail()});
  }

  ReportPart Finish() && {
    for (Difference& difference : differences_) {
      if (difference.count > 0) part_.differences.push_back(std::move(difference));
    }
    return std::move(part_);
  }

 private:
  size_t most_;
  ReportPart part_;
  std::array<Difference, kKinds> differences_;
};

class Reporter {
 public:
  Reporter(const Accounts& accounts, const Planning& planning, const ReportQuestion& question)
      : accounts_(accounts),
        planning_(planning),
        most_(static_cast<size_t>(question.max_examples)),
        ours_begin_(absl::StrCat("pd-", planning.schema.account.company_id, "-")),
        whole_(0, "", most_) {}

  absl::Status ChooseLists(const std::vector<int64_t>& asked) {
    std::set<int64_t> lists;
    if (planning_.all_contacts_list != 0) lists.insert(planning_.all_contacts_list);
    for (const int64_t list : reconcile::AllLists(planning_.deal_lists)) lists.insert(list);
    if (planning_.qualified_leads_list != 0) lists.insert(planning_.qualified_leads_list);
    for (const int64_t list : asked) {
      if (lists.count(list) > 0) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("list_ids: ", list, " is not a list of the configuration"));
    }
    for (const int64_t list : asked.empty() ? lists : std::set<int64_t>(asked.begin(), asked.end()))
      lists_.emplace(list, Tallying(list, NameOf(list), most_));
    return absl::OkStatus();
  }

  absl::Status Walk(const std::function<absl::Status()>& go_on) {
    for (int64_t after = 0;;) {
      CONNECTOR_RETURN_IF_ERROR(go_on());
      CONNECTOR_ASSIGN_OR_RETURN(const auto page, accounts_.store.BundlesAfter(
                                                      accounts_.settings.connection, after, kPage));
      if (page.empty()) break;
      after = page.back().state.key;
      CONNECTOR_RETURN_IF_ERROR(AddPage(page));
    }
    return AddUnbound(go_on);
  }

  std::vector<ReportPart> Finish() && {
    std::vector<ReportPart> parts;
    parts.push_back(std::move(whole_).Finish());
    for (auto& [id, tallying] : lists_) parts.push_back(std::move(tallying).Finish());
    return parts;
  }

 private:
  std::string NameOf(int64_t id) const {
    for (const BrevoList& list : planning_.schema.lists) {
      if (list.id == id) return list.name;
    }
    return "";
  }

  // One question to the store for the identifiers of a whole page.
  absl::Status AddPage(const std::vector<store::ContactBundle>& page) {
    std::vector<MappedContact> mapped;
    std::vector<store::Claim> claims;
    for (const store::ContactBundle& bundle : page) {
      mapped.push_back(MapContact(planning_, bundle, accounts_.phones));
      for (const Identifier& identifier : mapped.back().identifiers) {
        claims.push_back({bundle.state.key, identifier});
      }
    }
    CONNECTOR_ASSIGN_OR_RETURN(const std::vector<bool> granted,
                               accounts_.store.MayClaim(accounts_.settings.connection, claims));
    auto next = granted.begin();
    for (size_t i = 0; i < page.size(); ++i) {
      const auto count = static_cast<std::ptrdiff_t>(mapped[i].identifiers.size());
      Add(page[i], PlanContact(planning_, page[i], mapped[i], {next, next + count}));
      next += count;
    }
    return absl::OkStatus();
  }

  void Add(const store::ContactBundle& bundle, const ContactPlan& plan) {
    const ContactState& state = bundle.state;
    const bool there = state.existence == Existence::kPresent;
    if (there) whole_.Actual();
    if (bundle.persons.empty()) {
      AddOrphan(state, there);
      return;
    }
    whole_.Wanted();
    if (!there) {
      AddAbsent(plan);
    } else if (!plan.fields.empty()) {
      whole_.Note(DifferenceKind::kDifferentValue, plan, [&] {
        return absl::StrJoin(plan.fields, ", ", [](std::string* out, const PlannedField& field) {
          absl::StrAppend(out, field.attribute);
        });
      });
    }
    for (auto& [id, list] : lists_) AddToList(id, list, bundle, plan);
  }

  void AddAbsent(const ContactPlan& plan) {
    if (plan.skip) {
      whole_.Note(DifferenceKind::kWithheld, plan,
                  [&] { return std::string(SkipReasonName(*plan.skip)); });
    } else {
      whole_.Note(DifferenceKind::kMissing, plan,
                  [] { return std::string("Brevo does not have it"); });
    }
  }

  // A contact of Brevo that no person stands behind.
  void AddOrphan(const ContactState& state, bool there) {
    if (!there) return;
    const bool ours = absl::StartsWith(state.ext_id, ours_begin_);
    whole_.Note(ours ? DifferenceKind::kSurplus : DifferenceKind::kForeign, 0, state.email, [&] {
      return std::string(ours ? "its person is gone from Pipedrive" : "no person has its address");
    });
    ContactPlan nobody;
    nobody.email = state.email;
    for (auto& [id, list] : lists_) {
      if (!Contains(state.lists, id)) continue;
      list.Actual();
      NoteUnwanted(id, list, state, nobody);
    }
  }

  void AddToList(int64_t id, Tallying& list, const store::ContactBundle& bundle,
                 const ContactPlan& plan) {
    const ContactState& state = bundle.state;
    const auto reason =
        std::find_if(plan.wanted_lists.begin(), plan.wanted_lists.end(),
                     [id](const reconcile::ListReason& one) { return one.list_id == id; });
    const bool is_wanted = reason != plan.wanted_lists.end();
    const bool is_member = Contains(state.lists, id);
    // Where the reasons are not known, a member counts as wanted: nothing is concluded of it.
    const bool unknown = (!bundle.deals_known && Contains(planning_.undecided_lists, id)) ||
                         (!bundle.leads_known && id == planning_.undecided_lead_list);
    const bool undecided = !is_wanted && is_member && unknown;
    if (is_wanted || undecided) list.Wanted();
    if (is_member) list.Actual();
    if (is_wanted && !is_member) {
      const bool withheld = Contains(state.lists_left, id);
      list.Note(withheld ? DifferenceKind::kWithheld : DifferenceKind::kMissing, plan, [&] {
        return withheld ? absl::StrCat("it left this list by its own hand; ", reason->why)
                        : reason->why;
      });
    } else if (is_member && !is_wanted && !undecided) {
      NoteUnwanted(id, list, state, plan);
    }
  }

  static void NoteUnwanted(int64_t id, Tallying& list, const ContactState& state,
                           const ContactPlan& plan) {
    const bool ours = Contains(state.lists_put, id);
    list.Note(ours ? DifferenceKind::kSurplus : DifferenceKind::kForeign, plan, [&] {
      return std::string(ours ? "nothing is a reason for it any more"
                              : "somebody else put it there");
    });
  }

  // Persons that have no contact: wanted, and kept off.
  absl::Status AddUnbound(const std::function<absl::Status()>& go_on) {
    for (int64_t after = 0;;) {
      CONNECTOR_RETURN_IF_ERROR(go_on());
      CONNECTOR_ASSIGN_OR_RETURN(const auto page, accounts_.store.UnboundPersonsAfter(
                                                      accounts_.settings.connection, after, kPage));
      if (page.empty()) return absl::OkStatus();
      after = page.back().id;
      for (const Person& person : page) {
        const mapping::EmailChoice choice = mapping::ChooseEmail(person);
        whole_.Wanted();
        whole_.Note(DifferenceKind::kWithheld, person.id, choice.email, [&] {
          return std::string(
              SkipReasonName(choice.has_any ? SkipReason::kInvalidEmail : SkipReason::kNoEmail));
        });
      }
    }
  }

  const Accounts& accounts_;
  const Planning& planning_;
  const size_t most_;
  const std::string ours_begin_;  // of the EXT_ID of contacts the connector made
  Tallying whole_;
  std::map<int64_t, Tallying> lists_;
};

}  // namespace

absl::StatusOr<std::vector<ReportPart>> MakeReport(const Accounts& accounts,
                                                   const ReportQuestion& question,
                                                   const std::function<absl::Status()>& go_on) {
  CONNECTOR_ASSIGN_OR_RETURN(const Planning planning, StoredPlanning(accounts));
  Reporter reporter(accounts, planning, question);
  CONNECTOR_RETURN_IF_ERROR(reporter.ChooseLists(question.list_ids));
  CONNECTOR_RETURN_IF_ERROR(reporter.Walk(go_on));
  return std::move(reporter).Finish();
}

}  // namespace connector::sync
