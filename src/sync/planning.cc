#include "sync/planning.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "base/hash.h"
#include "base/sorted_ids.h"
#include "base/status.h"
#include "base/strings.h"
#include "mapping/attribute_value.h"

namespace connector::sync {
namespace {

bool HasList(const AccountSchema& schema, int64_t list_id) {
  return std::any_of(schema.lists.begin(), schema.lists.end(),
                     [list_id](const BrevoList& list) { return list.id == list_id; });
}

// The list if Brevo has it, else 0 and a warning.
int64_t Existing(int64_t list, std::string_view name, Planning& planning) {
  if (list == 0 || HasList(planning.schema, list)) return list;
  planning.warnings.push_back(
      absl::StrCat(ToAbsl(name), ": Brevo has no list ", list,
                   "; contacts are written without it. Create the list or mend its id."));
  return 0;
}

void KeepExisting(std::vector<reconcile::DealLists::Rule>& rules, std::string_view outcome,
                  Planning& planning) {
  std::erase_if(rules, [&](const reconcile::DealLists::Rule& rule) {
    const std::string name = absl::StrCat(
        "deal_stage_mapping.", rule.pipeline_id ? absl::StrCat(*rule.pipeline_id, "/") : "",
        outcome.empty() ? absl::StrCat(rule.stage_id) : std::string(outcome));
    return Existing(rule.list_id, name, planning) == 0;
  });
}

void CheckLists(const Settings& settings, Planning& planning) {
  planning.all_contacts_list = Existing(settings.all_contacts_list, "lists.all_contacts", planning);
  planning.undecided_lead_list = settings.qualified_leads_list;
  planning.leads_from_table = settings.leads;
  if (settings.leads) {
    planning.qualified_leads_list =
        Existing(settings.qualified_leads_list, "lists.qualified_leads", planning);
  }
  planning.undecided_lists = reconcile::AllLists(settings.deal_lists);
  if (!settings.deals) return;
  reconcile::DealLists& lists = planning.deal_lists;
  lists = settings.deal_lists;
  lists.customers = Existing(lists.customers, "lists.customers", planning);
  lists.churned = Existing(lists.churned, "lists.churned", planning);
  KeepExisting(lists.stages, "", planning);
  KeepExisting(lists.won, "won", planning);
  KeepExisting(lists.lost, "lost", planning);
}

// What of the planning is about deals; nothing where they aren't synced.
void AppendDeals(const Planning& planning, std::string& text) {
  if (!planning.map.deals_from_table) return;
  const std::string& home = planning.schema.account.default_currency;
  absl::StrAppend(&text, "|deals|", home, ":", DecimalsOf(planning.schema, home), "|",
                  planning.deal_lists.customers, "|", planning.deal_lists.churned);
  for (const auto* rules :
       {&planning.deal_lists.stages, &planning.deal_lists.won, &planning.deal_lists.lost}) {
    absl::StrAppend(&text, "|");
    for (const reconcile::DealLists::Rule& rule : *rules) {
      absl::StrAppend(&text, rule.pipeline_id.value_or(0), "/", rule.stage_id, ">", rule.list_id,
                      ",");
    }
  }
  for (const auto& [currency, rate] : planning.currency_rates) {
    absl::StrAppend(&text, "|", currency, "=", rate);
  }
}

// The same of leads.
void AppendLeads(const Planning& planning, std::string& text) {
  if (!planning.leads_from_table) return;
  absl::StrAppend(&text, "|leads|", planning.qualified_leads_list);
  if (!planning.map.wants_leads) return;
  for (const FieldOption& label : planning.schema.lead_labels) {
    absl::StrAppend(&text, ",", label.id, "=", label.label);
  }
}

// The same of consent.
void AppendConsent(const Planning& planning, std::string& text) {
  const ConsentCarriers& consent = planning.consent;
  if (consent.marketing_status) text += "|marketing_status";
  if (!consent.field) return;
  absl::StrAppend(&text, "|consent|", consent.field->key, "=", consent.value, "/", consent.option);
}

bool MapsMarketingStatus(const mapping::ResolvedMap& map) {
  return std::any_of(map.fields.begin(), map.fields.end(), [](const auto& field) {
    return field.source == mapping::SourceKind::kMarketingStatus;
  });
}

std::string Fingerprint(const Planning& planning) {
  std::string text = absl::StrCat("1|", planning.all_contacts_list);
  if (planning.contacts_without_email) text += "|ext_id";
  for (const mapping::ResolvedField& field : planning.map.fields) {
    absl::StrAppend(&text, "|", static_cast<int>(field.source), ":", field.custom_field.key, ">",
                    field.attribute.name, ":", static_cast<int>(field.attribute.type), ":",
                    static_cast<int>(field.direction), ":", static_cast<int>(field.on_conflict));
    for (const FieldOption& option : field.custom_field.options) {
      absl::StrAppend(&text, ",", option.id, "=", option.label);
    }
    for (const BrevoAttribute::Option& option : field.attribute.options) {
      absl::StrAppend(&text, ";", option.label);
    }
  }
  AppendDeals(planning, text);
  AppendLeads(planning, text);
  AppendConsent(planning, text);
  return absl::StrCat(absl::Hex(Fnv1a(text), absl::kZeroPad16));
}

// A run that was cut off and resumed does not read the schemas twice.
constexpr Duration kFreshEnough = std::chrono::minutes(5);

bool WantsOrganizations(const Settings& settings) {
  return std::any_of(
      settings.person_mapping.begin(), settings.person_mapping.end(),
      [](const mapping::FieldRule& rule) { return rule.source.rfind("org_id.", 0) == 0; });
}

bool WantsLeadLabels(const Settings& settings) {
  return settings.leads &&
         std::any_of(settings.person_mapping.begin(), settings.person_mapping.end(),
                     [](const mapping::FieldRule& rule) { return rule.source == "lead.labels"; });
}

// False if the schema was stored when less was mapped.
bool Covers(const Settings& settings, const AccountSchema& schema) {
  return (!WantsOrganizations(settings) || !schema.organization_fields.empty()) &&
         (!settings.deals || !schema.pipelines.empty()) &&
         (!WantsLeadLabels(settings) || !schema.lead_labels.empty());
}

absl::Status ReadPipedriveSchema(const Accounts& accounts, const http::CallContext& context,
                                 AccountSchema& schema) {
  CONNECTOR_ASSIGN_OR_RETURN(schema.account, accounts.pipedrive.GetAccount(context));
  CONNECTOR_ASSIGN_OR_RETURN(schema.person_fields, accounts.pipedrive.ListPersonFields(context));
  if (WantsOrganizations(accounts.settings)) {
    CONNECTOR_ASSIGN_OR_RETURN(schema.organization_fields,
                               accounts.pipedrive.ListOrganizationFields(context));
  }
  if (WantsLeadLabels(accounts.settings)) {
    CONNECTOR_ASSIGN_OR_RETURN(schema.lead_labels, accounts.pipedrive.ListLeadLabels(context));
  }
  if (!accounts.settings.deals) return absl::OkStatus();
  CONNECTOR_ASSIGN_OR_RETURN(schema.pipelines, accounts.pipedrive.ListPipelines(context));
  CONNECTOR_ASSIGN_OR_RETURN(schema.stages, accounts.pipedrive.ListStages(context));
  CONNECTOR_ASSIGN_OR_RETURN(schema.currencies, accounts.pipedrive.ListCurrencies(context));
  return absl::OkStatus();
}

absl::Status ReadBrevoSchema(const Accounts& accounts, const http::CallContext& context,
                             AccountSchema& schema) {
  CONNECTOR_ASSIGN_OR_RETURN(schema.attributes, accounts.brevo.ListAttributes(context));
  CONNECTOR_ASSIGN_OR_RETURN(schema.lists, accounts.brevo.ListLists(context));
  return absl::OkStatus();
}

const Value& SeenValue(const Contact& contact, std::string_view attribute) {
  static const Value kEmpty;
  const auto found =
      std::lower_bound(contact.attributes.begin(), contact.attributes.end(), attribute,
                       [](const auto& entry, std::string_view name) { return entry.first < name; });
  if (found == contact.attributes.end() || found->first != attribute) return kEmpty;
  return found->second;
}

// A look that is older than the last write to the contact, with the lists and the address that were
// written.
Contact WithWritten(const ContactState& state, Contact seen) {
  seen.list_ids = Union(seen.list_ids, state.lists_put);
  seen.email_blacklisted |= state.email_blacklisted;
  const FieldState* address = FindField(state, "EMAIL");
  if (address != nullptr && address->unconfirmed) seen.email.clear();
  return seen;
}

}  // namespace

std::string Planning::ExtIdOf(int64_t person_id) const {
  return absl::StrCat("pd-", schema.account.company_id, "-", person_id);
}

Planning MakePlanning(const Settings& settings, AccountSchema schema) {
  Planning planning;
  planning.schema = std::move(schema);
  planning.map =
      mapping::Resolve(settings.person_mapping, planning.schema, settings.deals, settings.leads);
  planning.currency_rates = settings.currency_rates;
  planning.on_delete = settings.removal.on_delete;
  for (const mapping::MappingProblem& problem : planning.map.problems) {
    planning.warnings.push_back(
        problem.line > 0 ? absl::StrCat("line ", problem.line, ": ", problem.text) : problem.text);
  }
  for (const mapping::ResolvedField& field : planning.map.fields) {
    planning.same.emplace_back([attribute = field.attribute](const Value& a, const Value& b) {
      return mapping::SameValue(attribute, a, b);
    });
  }
  for (const mapping::FieldRule& rule : settings.person_mapping) {
    if (rule.source != "email") continue;
    planning.email_direction = rule.direction;
    planning.email_conflict = rule.on_conflict;
  }
  CheckLists(settings, planning);
  const TwoWaySettings& two_way = settings.two_way;
  planning.consent = ResolveConsent(two_way.consent, planning.schema, planning.warnings);
  planning.wants_marketing_status =
      HasMarketingStatus(planning.schema) &&
      (planning.consent.marketing_status || MapsMarketingStatus(planning.map));
  planning.create_persons_from = two_way.create_persons_from;
  planning.contacts_without_email = settings.contacts_without_email;
  planning.fingerprint = Fingerprint(planning);
  return planning;
}

absl::StatusOr<Planning> LoadPlanning(const Accounts& accounts, store::Store& store,
                                      const http::CallContext& pipedrive,
                                      const http::CallContext& brevo, Schema source) {
  const std::string& connection = accounts.settings.connection;
  CONNECTOR_ASSIGN_OR_RETURN(auto stored, store.GetSchema(connection));
  const Time now = accounts.clock.Now();
  const Duration max_age =
      source == Schema::kFresh ? kFreshEnough : accounts.settings.schema_max_age;
  if (stored && now - stored->fetched_at < max_age && Covers(accounts.settings, stored->schema)) {
    return MakePlanning(accounts.settings, std::move(stored->schema));
  }
  AccountSchema schema;
  CONNECTOR_RETURN_IF_ERROR(ReadPipedriveSchema(accounts, pipedrive, schema));
  CONNECTOR_RETURN_IF_ERROR(ReadBrevoSchema(accounts, brevo, schema));
  CONNECTOR_RETURN_IF_ERROR(store.PutSchema(connection, schema, now));
  return MakePlanning(accounts.settings, std::move(schema));
}

ContactState FoldContact(const Planning& planning, const std::optional<ContactState>& known,
                         const Contact& looked, std::vector<reconcile::Refusal>* refusals,
                         std::optional<Time> read_at) {
  ContactState state = known.value_or(ContactState{});
  const bool overtaken = read_at && state.written_at && *state.written_at > *read_at;
  Contact adjusted;
  if (overtaken) adjusted = WithWritten(state, looked);
  const Contact& seen = overtaken ? adjusted : looked;
  static const reconcile::Same kSameAddress = [](const Value& a, const Value& b) {
    return IsEmpty(a) ? IsEmpty(b) : a == b;
  };
  std::vector<reconcile::ObservedField> observed;
  observed.reserve(planning.map.fields.size() + 1);
  observed.push_back({"EMAIL", Value{AsciiLower(looked.email)}, &kSameAddress});
  for (size_t i = 0; i < planning.map.fields.size(); ++i) {
    const BrevoAttribute& attribute = planning.map.fields[i].attribute;
    observed.push_back({attribute.name,
                        mapping::NormalizeSeen(attribute, SeenValue(seen, attribute.name)),
                        &planning.same[i]});
  }
  if (overtaken) {
    std::erase_if(observed, [&state](const reconcile::ObservedField& field) {
      const FieldState* written = FindField(state, field.attribute);
      return written != nullptr && written->unconfirmed &&
             !(*field.same)(field.seen, *written->unconfirmed);
    });
  }
  std::vector<reconcile::Refusal> found = reconcile::Observe(state, seen, observed);
  if (refusals != nullptr) {
    refusals->insert(refusals->end(), std::make_move_iterator(found.begin()),
                     std::make_move_iterator(found.end()));
  }
  return state;
}

}  // namespace connector::sync
