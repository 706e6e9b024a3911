#include "cli/live_check.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"

namespace connector::cli {
namespace {

using config::Connection;

constexpr const char* kPipedrive = "Pipedrive";
constexpr const char* kBrevo = "Brevo";
constexpr const char* kVersionKey = "connectors.pipedrive.api_version";

// True if an answer says that the API version, not this call, is the trouble.
bool IsRefusal(const absl::Status& status) {
  return status.code() == absl::StatusCode::kNotFound ||
         status.code() == absl::StatusCode::kPermissionDenied ||
         status.code() == absl::StatusCode::kUnimplemented ||
         status.code() == absl::StatusCode::kFailedPrecondition;
}

// Which setting to look at; "" where the error names one itself.
std::string Remedy(const absl::Status& status, bool is_pipedrive, const Connection& connection) {
  if (ToStd(status.message()).find("connectors.") != std::string_view::npos) return "";
  const std::string section = is_pipedrive ? "connectors.pipedrive" : "connectors.brevo";
  const std::string& url =
      is_pipedrive ? connection.pipedrive.api_base_url : connection.brevo.api_base_url;
  switch (status.code()) {
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return absl::StrCat("set ", section, is_pipedrive ? ".api_token" : ".api_key",
                          is_pipedrive ? " (Pipedrive: Personal preferences > API)"
                                       : " (Brevo: SMTP & API > API keys)");
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnknown:
      return absl::StrCat("check that ", url, " can be reached from here: ", section,
                          ".api_base_url, http.proxy, http.ca_file, the network");
    default:
      return absl::StrCat("check ", section, ".api_base_url (", url, ")");
  }
}

// Every configured list with the names it serves.
std::map<int64_t, std::string> ConfiguredLists(const Connection& connection) {
  std::map<int64_t, std::string> names;
  const auto add = [&names](int64_t id, const std::string& name) {
    if (id == 0) return;
    std::string& text = names[id];
    absl::StrAppend(&text, text.empty() ? "" : ", ", name);
  };
  add(connection.lists.all_contacts, "lists.all_contacts");
  add(connection.lists.qualified_leads, "lists.qualified_leads");
  add(connection.lists.customers, "lists.customers");
  add(connection.lists.churned, "lists.churned");
  for (const config::StageRule& rule : connection.deal_stage_mapping) {
    add(rule.list_id,
        absl::StrCat("deal_stage_mapping.",
                     rule.pipeline_id ? absl::StrCat(*rule.pipeline_id, "/") : "", rule.key));
  }
  return names;
}

class LiveCheck {
 public:
  LiveCheck(const config::Config& config, const Connection& connection, const LiveFactory& factory,
            bool fix)
      : config_(config), connection_(connection), factory_(factory), fix_(fix) {}

  std::vector<Finding> Run() {
    absl::StatusOr<LiveClients> clients = factory_(config_, connection_);
    if (!clients.ok()) {
      Add(Level::kFail, connection_.name, "", std::string(clients.status().message()));
      return std::move(findings_);
    }
    clients_ = *std::move(clients);
    const bool has_fields = CheckPipedrive();
    const bool has_attributes = CheckBrevo();
    if (has_fields && has_attributes) CheckMapping();
    if (has_fields && connection_.sync.deals) CheckStages();
    CheckLimits();
    return std::move(findings_);
  }

 private:
  void Add(Level level, std::string where, std::string key, std::string text,
           std::string remedy = "") {
    findings_.push_back(
        {level, std::move(where), std::move(key), std::move(text), std::move(remedy)});
  }

  void AddError(const absl::Status& status, bool is_pipedrive) {
    Add(Level::kFail, is_pipedrive ? kPipedrive : kBrevo, "", std::string(status.message()),
        Remedy(status, is_pipedrive, connection_));
  }

  // True if the fields of persons and organizations were read.
  bool CheckPipedrive() {
    auto account = clients_.pipedrive->GetAccount(clients_.context);
    if (!account.ok()) {
      AddError(account.status(), true);
      return false;
    }
    answered_.insert(kPipedrive);
    schema_.account = *account;
    Add(Level::kOk, kPipedrive, "connectors.pipedrive.api_token",
        absl::StrCat("is valid for ", account->company_name, " (", account->company_domain,
                     ".pipedrive.com), user ", account->user_id));
    CheckDomain(*account);
    return CheckFields();
  }

  void CheckDomain(const PipedriveAccount& account) {
    const std::string& domain = connection_.pipedrive.company_domain;
    if (domain.empty() || account.company_domain.empty() ||
        AsciiLower(account.company_domain) == AsciiLower(domain)) {
      return;
    }
    Add(Level::kFail, kPipedrive, "connectors.pipedrive.company_domain",
        absl::StrCat("\"", domain, "\" is not the company of the token"),
        absl::StrCat("set it to ", account.company_domain, ", or use a token of ", domain));
  }

  bool CheckFields() {
    const std::string& version = connection_.pipedrive.api_version;
    auto persons = clients_.pipedrive->ListPersonFields(clients_.context);
    if (!persons.ok()) {
      if (version == "v2" && IsRefusal(persons.status()) && VersionAnswers("v1")) {
        Add(Level::kFail, kPipedrive, kVersionKey,
            absl::StrCat("API v2 is refused: ", ToAbsl(ToStd(persons.status().message()))),
            "set api_version: v1, which answers");
      } else {
        AddError(persons.status(), true);
      }
      return false;
    }
    auto organizations = clients_.pipedrive->ListOrganizationFields(clients_.context);
    if (!organizations.ok()) {
      AddError(organizations.status(), true);
      return false;
    }
    schema_.person_fields = *std::move(persons);
    schema_.organization_fields = *std::move(organizations);
    if (version == "v1" && VersionAnswers("v2")) {
      Add(Level::kWarning, kPipedrive, kVersionKey, "v1 is in use though v2 answers",
          "set api_version: v2: it costs fewer tokens, and v1 is on its way out");
    } else {
      Add(Level::kOk, kPipedrive, kVersionKey,
          version == "v1" ? "v1 is right: v2 is refused" : "v2 answers");
    }
    return true;
  }

  bool VersionAnswers(const std::string& version) {
    Connection other = connection_;
    other.pipedrive.api_version = version;
    absl::StatusOr<LiveClients> clients = factory_(config_, other);
    return clients.ok() && clients->pipedrive->ListPersonFields(clients->context).ok();
  }

  // True if the attributes were read.
  bool CheckBrevo() {
    const auto account = clients_.brevo->GetAccount(clients_.context);
    if (!account.ok()) {
      AddError(account.status(), false);
      return false;
    }
    answered_.insert(kBrevo);
    Add(Level::kOk, kBrevo, "connectors.brevo.api_key",
        absl::StrCat("is valid for ", account->company.empty() ? account->email : account->company,
                     account->plan.empty() ? "" : ", plan " + account->plan));
    CheckLists();
    auto attributes = clients_.brevo->ListAttributes(clients_.context);
    if (!attributes.ok()) {
      AddError(attributes.status(), false);
      return false;
    }
    schema_.attributes = *std::move(attributes);
    return true;
  }

  void CheckLists() {
    const auto lists = clients_.brevo->ListLists(clients_.context);
    if (!lists.ok()) return AddError(lists.status(), false);
    const std::map<int64_t, std::string> configured = ConfiguredLists(connection_);
    size_t found = 0;
    for (const auto& [id, names] : configured) {
      if (std::any_of(lists->begin(), lists->end(),
                      [id = id](const BrevoList& list) { return list.id == id; })) {
        ++found;
        continue;
      }
      Add(Level::kFail, kBrevo, names, absl::StrCat("there is no list ", id),
          "set the id of an existing list" + Existing(*lists));
    }
    if (found > 0) {
      Add(Level::kOk, kBrevo, "", absl::StrCat(found, " of ", configured.size(), " lists exist"));
    }
  }

  static std::string Existing(const std::vector<BrevoList>& lists) {
    constexpr size_t kShown = 8;
    if (lists.empty()) return "; the account has none";
    std::string text;
    for (size_t i = 0; i < std::min(lists.size(), kShown); ++i) {
      absl::StrAppend(&text, i == 0 ? ": " : ", ", lists[i].id, " ", lists[i].name);
    }
    return lists.size() > kShown ? text + ", ..." : text;
  }

  void CheckMapping() {
    const mapping::ResolvedMap map = mapping::Resolve(
        connection_.person_mapping, schema_, connection_.sync.deals, connection_.sync.leads);
    if (!map.fields.empty()) {
      Add(Level::kOk, "mapping", "",
          absl::StrCat(map.fields.size(), " fields have a source and an attribute"));
    }
    std::set<std::string> created;
    for (const mapping::MappingProblem& problem : map.problems) {
      if (problem.missing_attribute.empty()) {
        Add(Level::kWarning, "mapping", "", LineText(problem));
      } else if (created.insert(AsciiLower(problem.missing_attribute)).second) {
        MendAttribute(problem);
      }
    }
  }

  // Stages that deal_stage_mapping names and Pipedrive doesn't have, or has in another pipeline.
  void CheckStages() {
    const bool names_stages = std::any_of(
        connection_.deal_stage_mapping.begin(), connection_.deal_stage_mapping.end(),
        [](const config::StageRule& rule) { return rule.key != "won" && rule.key != "lost"; });
    if (!names_stages) return;
    auto stages = clients_.pipedrive->ListStages(clients_.context);
    if (!stages.ok()) return AddError(stages.status(), true);
    schema_.stages = *std::move(stages);
    size_t found = 0;
    for (const config::StageRule& rule : connection_.deal_stage_mapping) {
      int64_t id = 0;
      if (!absl::SimpleAtoi(rule.key, &id)) continue;
      const Stage* stage = FindStage(schema_, id);
      const bool fits =
          stage != nullptr && rule.pipeline_id.value_or(stage->pipeline_id) == stage->pipeline_id;
      found += fits ? 1 : 0;
      if (fits) continue;
      Add(Level::kWarning, kPipedrive, absl::StrCat("deal_stage_mapping.", rule.key),
          stage == nullptr ? absl::StrCat("there is no stage ", id)
                           : absl::StrCat("stage ", id, " (", stage->name, ") is in pipeline ",
                                          stage->pipeline_id, ", not in ", *rule.pipeline_id),
          "remove the line, or set the id of a stage that exists");
    }
    if (found > 0) Add(Level::kOk, kPipedrive, "", absl::StrCat(found, " mapped stages exist"));
  }

  static std::string LineText(const mapping::MappingProblem& problem) {
    return problem.line > 0 ? absl::StrCat("line ", problem.line, ": ", problem.text)
                            : problem.text;
  }

  void MendAttribute(const mapping::MappingProblem& problem) {
    const std::string type(AttributeTypeName(problem.suggested_type));
    if (!fix_) {
      std::vector<std::string_view> known;
      for (const BrevoAttribute& attribute : schema_.attributes) known.push_back(attribute.name);
      const std::string_view nearest = NearestWord(problem.missing_attribute, known);
      Add(Level::kFail, "mapping", "",
          absl::StrCat(problem.line > 0 ? absl::StrCat("line ", problem.line, ": ") : "",
                       "Brevo has no attribute ", problem.missing_attribute),
          absl::StrCat("create it with the type ", type, ", or let --fix do it",
                       nearest.empty() ? "" : "; the nearest there is ", ToAbsl(nearest)));
      return;
    }
    BrevoAttribute attribute;
    attribute.name = problem.missing_attribute;
    attribute.category = problem.suggested_type == AttributeType::kCategory ? "category" : "normal";
    attribute.type = problem.suggested_type;
    const absl::Status status = clients_.brevo->CreateAttribute(attribute, clients_.context);
    if (!status.ok()) return AddError(Annotate(status, attribute.name), false);
    Add(Level::kOk, "mapping", "",
        absl::StrCat("created the attribute ", attribute.name, " with the type ", type));
  }

  // One line for each account that answered.
  void CheckLimits() {
    if (!clients_.limits) return;
    std::map<std::string, std::string> texts;
    std::set<std::string> spent;
    for (const LimitSeen& limit : clients_.limits()) {
      std::string& text = texts[limit.api];
      if (text.empty())
        text = absl::StrCat("limits left", limit.plan.empty() ? "" : " of plan ", limit.plan);
      absl::StrAppend(&text, text.find(": ") == std::string_view::npos ? ": " : ", ", limit.name,
                      " ", limit.remaining, " of ", limit.size);
      if (limit.remaining <= 0) spent.insert(limit.api);
    }
    for (const auto& [api, text] : texts) {
      if (!answered_.contains(api)) continue;
      Add(spent.contains(api) ? Level::kWarning : Level::kOk, api, "", text);
    }
  }

  const config::Config& config_;
  const Connection& connection_;
  const LiveFactory& factory_;
  const bool fix_;
  LiveClients clients_;
  AccountSchema schema_;
  std::set<std::string> answered_;  // accounts whose credential is good
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> CheckLive(const config::Config& config, const Connection& connection,
                               const LiveFactory& factory, bool fix) {
  return LiveCheck(config, connection, factory, fix).Run();
}

}  // namespace connector::cli
