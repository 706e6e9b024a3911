// MakePipelineReport: walks the table of deals and tells which groups each is in.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/time_format.h"
#include "mapping/convert.h"
#include "mapping/custom_field.h"
#include "sync/explain.h"
#include "sync/pipeline_report.h"
#include "sync/planning.h"

namespace connector::sync {
namespace {

// Deals in memory at once.
constexpr int kPage = 500;
constexpr char kNone[] = "(none)";

absl::Status CheckRead(const Accounts& accounts, bool on, absl::string_view what,
                       std::string_view watermark) {
  if (!on) {
    return absl::FailedPreconditionError(
        absl::StrCat(what, " are not synced: connectors.pipedrive.sync.", what, " is false"));
  }
  CONNECTOR_ASSIGN_OR_RETURN(const std::string since,
                             accounts.store.GetWatermark(accounts.settings.connection, watermark));
  if (!since.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(what, " have not been read yet: run sync ", what, ", then ask again"));
}

// Says which groups a deal is in.
class Splitter {
 public:
  static absl::StatusOr<Splitter> Make(const Accounts& accounts, const Planning& planning,
                                       const ReportSplit& split) {
    Splitter splitter(accounts);
    if (const auto* field = std::get_if<SplitByPersonField>(&split)) {
      CONNECTOR_RETURN_IF_ERROR(splitter.ChooseField(planning, field->name));
    } else if (const auto* lists = std::get_if<SplitByLists>(&split)) {
      CONNECTOR_RETURN_IF_ERROR(splitter.ChooseLists(planning, lists->list_ids));
    } else if (std::holds_alternative<SplitByLeadSource>(split)) {
      CONNECTOR_RETURN_IF_ERROR(
          CheckRead(accounts, accounts.settings.leads, "leads", store::kLeadsSince));
      splitter.beside_ = store::Beside::kLead;
    }
    return splitter;
  }

  store::Beside beside() const { return beside_; }

  std::vector<std::string> GroupsOf(const store::DealHistory& history) const {
    switch (beside_) {
      case store::Beside::kNothing:
        return {};
      case store::Beside::kPerson:
        return {NonEmpty(FieldText(history.person))};
      case store::Beside::kContact:
        return ListsOf(history.contact);
      case store::Beside::kLead:
        return {NonEmpty(history.lead ? history.lead->source_name : "")};
    }
    return {};
  }

 private:
  explicit Splitter(const Accounts& accounts) : accounts_(&accounts) {}

  absl::Status ChooseField(const Planning& planning, const std::string& name) {
    const mapping::CustomFieldSearch found =
        mapping::FindCustomFieldByName(planning.schema.person_fields, name, "person");
    if (found.field == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("split.person_field: ", found.problem));
    }
    const std::vector<std::string>& kept = planning.map.person_keys;
    if (!std::binary_search(kept.begin(), kept.end(), found.field->key)) {
      return absl::FailedPreconditionError(
          absl::StrCat("split.person_field: \"", found.field->name,
                       "\" is not read from Pipedrive; name it in person_mapping, then run sync "
                       "persons --full"));
    }
    field_ = *found.field;
    beside_ = store::Beside::kPerson;
    return absl::OkStatus();
  }

  absl::Status ChooseLists(const Planning& planning, const std::vector<int64_t>& ids) {
    if (ids.empty() || ids.size() >= kMostGroups) {
      return absl::InvalidArgumentError(
          absl::StrCat("split.brevo_lists: name 1 to ", kMostGroups - 1, " lists"));
    }
    for (const int64_t id : ids) {
      const auto& lists = planning.schema.lists;
      const auto list = std::find_if(lists.begin(), lists.end(),
                                     [id](const BrevoList& one) { return one.id == id; });
      if (list == lists.end()) {
        return absl::NotFoundError(
            absl::StrCat("split.brevo_lists: Brevo has no list ", id, ", as of the last sync"));
      }
      lists_.emplace_back(id, absl::StrCat(id, " ", list->name));
    }
    beside_ = store::Beside::kContact;
    return absl::OkStatus();
  }

  static std::string NonEmpty(std::string text) { return text.empty() ? kNone : std::move(text); }

  // Labels for options, else what the field shows.
  std::string FieldText(const std::optional<Person>& person) const {
    if (!person) return "";
    mapping::MappedValue shown;
    mapping::ConvertCustom(field_, text_, FindCustomField(person->custom_fields, field_.key),
                           accounts_->phones, shown);
    return ToText(shown.value);
  }

  std::vector<std::string> ListsOf(const std::optional<ContactState>& contact) const {
    std::vector<std::string> names;
    for (const auto& [id, name] : lists_) {
      if (!contact || contact->existence != Existence::kPresent) break;
      const std::vector<int64_t>& on = contact->lists;
      if (std::binary_search(on.begin(), on.end(), id)) names.push_back(name);
    }
    if (names.empty()) names.emplace_back(kNone);
    return names;
  }

  const Accounts* accounts_;
  store::Beside beside_ = store::Beside::kNothing;
  PipedriveField field_;
  BrevoAttribute text_;  // any that holds text
  std::vector<std::pair<int64_t, std::string>> lists_;
};

absl::Status CheckPipelines(const AccountSchema& schema, const std::vector<int64_t>& ids) {
  for (const int64_t id : ids) {
    if (FindPipeline(schema, id) != nullptr) continue;
    return absl::NotFoundError(
        absl::StrCat("pipeline_ids: Pipedrive has no pipeline ", id, ", as of the last sync"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PipelineReport> MakePipelineReport(const Accounts& accounts,
                                                  const PipelineQuestion& question,
                                                  const std::function<absl::Status()>& go_on) {
  store::Store& store = accounts.store;
  const std::string& connection = accounts.settings.connection;
  CONNECTOR_RETURN_IF_ERROR(
      CheckRead(accounts, accounts.settings.deals, "deals", store::kDealsSince));
  CONNECTOR_ASSIGN_OR_RETURN(const std::string as_of,
                             store.GetWatermark(connection, store::kDealsSince));
  CONNECTOR_ASSIGN_OR_RETURN(const Planning planning, StoredPlanning(accounts));
  CONNECTOR_RETURN_IF_ERROR(CheckPipelines(planning.schema, question.pipeline_ids));
  CONNECTOR_ASSIGN_OR_RETURN(const Splitter splitter,
                             Splitter::Make(accounts, planning, question.split));
  CONNECTOR_ASSIGN_OR_RETURN(const std::string observed,
                             store.GetWatermark(connection, store::kStagesObservedSince));
  PipelineTally tally(planning.schema, question);
  for (int64_t after = 0;;) {
    CONNECTOR_RETURN_IF_ERROR(go_on());
    CONNECTOR_ASSIGN_OR_RETURN(
        const auto page, store.DealHistoriesAfter(connection, after, splitter.beside(), kPage));
    if (page.empty()) break;
    after = page.back().deal.id;
    for (const store::DealHistory& history : page) {
      tally.Add(history.deal, history.moves, splitter.GroupsOf(history));
    }
  }
  PipelineReport report = std::move(tally).Finish();
  report.observed_since = ParseTime(observed);
  report.data_as_of = ParseTime(as_of);
  return report;
}

}  // namespace connector::sync
