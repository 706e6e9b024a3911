#include "mapping/field_map.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/strings.h"
#include "mapping/attribute.h"
#include "mapping/custom_field.h"
#include "mapping/source.h"
#include "mapping/text.h"

namespace connector::mapping {
namespace {

constexpr std::string_view kPersonCustomPrefix = "custom_fields.";
constexpr std::string_view kOrganizationCustomPrefix = "org_id.custom_fields.";

// Brevo names its built-in attributes in the account's language.
struct LocalName {
  std::string_view english;
  std::string_view local;
};
constexpr std::array<LocalName, 9> kLocalNames = {{
    {"FIRSTNAME", "PRENOM"},
    {"FIRSTNAME", "VORNAME"},
    {"FIRSTNAME", "NOMBRE"},
    {"FIRSTNAME", "NOME"},
    {"LASTNAME", "NOM"},
    {"LASTNAME", "NACHNAME"},
    {"LASTNAME", "APELLIDOS"},
    {"LASTNAME", "COGNOME"},
    {"LASTNAME", "SOBRENOME"},
}};

const BrevoAttribute* FindAttribute(const AccountSchema& schema, std::string_view name) {
  for (const BrevoAttribute& attribute : schema.attributes) {
    if (EqualsIgnoringCase(attribute.name, name)) return &attribute;
  }
  return nullptr;
}

std::string AsciiUpper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  }
  return out;
}

void InsertSorted(std::vector<std::string>& keys, const std::string& key) {
  const auto at = std::lower_bound(keys.begin(), keys.end(), key);
  if (at == keys.end() || *at != key) keys.insert(at, key);
}

// One Resolve(): goes through the rules and gathers what works and what doesn't.
class Resolver {
 public:
  Resolver(const std::vector<FieldRule>& rules, const AccountSchema& schema, bool deals_are_synced,
           bool leads_are_synced)
      : rules_(rules), schema_(schema), leads_are_synced_(leads_are_synced) {
    map_.deals_from_table = deals_are_synced;
  }

  ResolvedMap Run() && {
    for (const FieldRule& rule : rules_) Add(rule);
    std::sort(map_.fields.begin(), map_.fields.end(),
              [](const ResolvedField& a, const ResolvedField& b) {
                return a.attribute.name < b.attribute.name;
              });
    return std::move(map_);
  }

 private:
  void Add(const FieldRule& rule) {
    if (IsIdentity(rule)) return;
    ResolvedField field;
    field.direction = rule.direction;
    field.on_conflict = rule.on_conflict;
    const std::optional<SourceShape> shape = ResolveSource(rule, field);
    if (!shape || !ResolveDirection(rule, field)) return;
    if (!ResolveAttribute(rule, *shape, field)) return;
    Note(field);
    map_.fields.push_back(std::move(field));
  }

  // Handles every rule about the two identities of a contact; none of them is a field.
  bool IsIdentity(const FieldRule& rule) {
    const bool to_email = EqualsIgnoringCase(rule.attribute, "email");
    if (rule.source == "email") {
      if (!to_email) Report(rule, "the e-mail is what a contact is known by: map it to email");
      return true;
    }
    if (to_email) {
      Report(rule, "only the source email can give a contact's e-mail; choose another attribute");
      return true;
    }
    if (EqualsIgnoringCase(rule.attribute, "EXT_ID")) {
      Report(rule, "EXT_ID is how the connector knows its contacts; choose another attribute");
      return true;
    }
    return false;
  }

  static bool IsOfLeads(SourceKind kind) { return kind >= SourceKind::kOpenLeadsCount; }

  std::optional<SourceShape> ResolveSource(const FieldRule& rule, ResolvedField& field) {
    const std::string_view source = rule.source;
    if (source.starts_with(kPersonCustomPrefix)) {
      field.source = SourceKind::kPersonCustomField;
      return ResolveCustom(rule, source.substr(kPersonCustomPrefix.size()), field);
    }
    if (source.starts_with(kOrganizationCustomPrefix)) {
      field.source = SourceKind::kOrganizationCustomField;
      return ResolveCustom(rule, source.substr(kOrganizationCustomPrefix.size()), field);
    }
    const BuiltInSource* const built_in = FindBuiltIn(source);
    if (!built_in) {
      ReportUnknownSource(rule);
      return std::nullopt;
    }
    if (built_in->kind == SourceKind::kTotalRevenue && !map_.deals_from_table) {
      Report(rule,
             "needs the deals, of which it is the sum: set connectors.pipedrive.sync.deals to "
             "true; left out until then");
      return std::nullopt;
    }
    if (IsOfLeads(built_in->kind) && !leads_are_synced_) {
      Report(rule,
             "needs the leads: set connectors.pipedrive.sync.leads to true; left out until "
             "then");
      return std::nullopt;
    }
    field.source = built_in->kind;
    return built_in->shape;
  }

  std::optional<SourceShape> ResolveCustom(const FieldRule& rule, std::string_view name,
                                           ResolvedField& field) {
    const bool of_person = field.source == SourceKind::kPersonCustomField;
    const CustomFieldSearch search =
        FindCustomFieldByName(of_person ? schema_.person_fields : schema_.organization_fields,
                              TrimInvisible(name), of_person ? "person" : "organization");
    if (!search.field) {
      Report(rule, search.problem);
      return std::nullopt;
    }
    field.custom_field = *search.field;
    return ShapeOfCustomField(*search.field);
  }

  bool ResolveDirection(const FieldRule& rule, ResolvedField& field) {
    const bool derived_name =
        field.source == SourceKind::kName && HasSource("first_name") && HasSource("last_name");
    if (!derived_name && !IsToBrevoOnly(rule.source)) return true;
    if (rule.direction == Direction::kToPipedrive) {
      Report(rule, derived_name
                       ? "with first_name and last_name mapped too, name flows to Brevo only"
                       : "flows to Brevo only: it can't be written in Pipedrive");
      return false;
    }
    field.direction = Direction::kToBrevo;
    return true;
  }

  bool ResolveAttribute(const FieldRule& rule, SourceShape shape, ResolvedField& field) {
    const BrevoAttribute* const attribute = FindAttribute(schema_, TrimInvisible(rule.attribute));
    if (!attribute) {
      ReportMissingAttribute(rule, shape);
      return false;
    }
    if (!attribute->category.empty() && attribute->category != "normal" &&
        attribute->category != "category") {
      Report(rule, absl::StrCat("can't be written: it is a ", attribute->category,
                                " attribute; choose one of category normal"));
      return false;
    }
    if (!Fits(shape, *attribute)) {
      Report(rule, absl::StrCat("the attribute has the type ",
                                ToAbsl(AttributeTypeName(attribute->type)), ", which can't hold ",
                                ToAbsl(DescribeShape(shape)), "; choose or create one of type ",
                                ToAbsl(AttributeTypeName(SuggestedType(shape)))));
      return false;
    }
    const auto [taken, is_new] = taken_.emplace(attribute->name, &rule);
    if (!is_new) {
      Report(rule, absl::StrCat("the attribute is given by ", taken->second->source, " (line ",
                                taken->second->line, ") already; remove one of the two lines"));
      return false;
    }
    field.attribute = *attribute;
    return true;
  }

  void Note(const ResolvedField& field) {
    switch (field.source) {
      case SourceKind::kWonDealsCount:
      case SourceKind::kLostDealsCount:
      case SourceKind::kOpenDealsCount:
      case SourceKind::kClosedDealsCount:
        map_.wants_deal_counts = !map_.deals_from_table;
        break;
      case SourceKind::kOrganizationCustomField:
        InsertSorted(map_.organization_keys, field.custom_field.key);
        map_.wants_organizations = true;
        break;
      case SourceKind::kOrganizationName:
      case SourceKind::kOrganizationAddress:
      case SourceKind::kOrganizationWebsite:
        map_.wants_organizations = true;
        break;
      case SourceKind::kPersonCustomField:
        InsertSorted(map_.person_keys, field.custom_field.key);
        break;
      default:
        map_.wants_leads |= IsOfLeads(field.source);
        break;
    }
  }

  bool HasSource(std::string_view source) const {
    return std::any_of(rules_.begin(), rules_.end(),
                       [&](const FieldRule& rule) { return rule.source == source; });
  }

  MappingProblem& Report(const FieldRule& rule, std::string_view text) {
    MappingProblem& problem = map_.problems.emplace_back();
    problem.line = rule.line;
    problem.text = absl::StrCat(rule.source, " -> ", rule.attribute, ": ", ToAbsl(text));
    return problem;
  }

  void ReportUnknownSource(const FieldRule& rule) {
    const std::string_view nearest = NearestWord(rule.source, KnownSources());
    if (!nearest.empty()) {
      Report(rule, absl::StrCat("no such source; the nearest is ", ToAbsl(nearest)));
      return;
    }
    const auto append = [](std::string* out, std::string_view name) { out->append(name); };
    Report(rule,
           absl::StrCat("no such source; there are ", absl::StrJoin(KnownSources(), ", ", append),
                        ", custom_fields.X and org_id.custom_fields.X"));
  }

  void ReportMissingAttribute(const FieldRule& rule, SourceShape shape) {
    const std::string name = AsciiUpper(TrimInvisible(rule.attribute));
    for (const LocalName& names : kLocalNames) {
      if (name == names.english && FindAttribute(schema_, names.local)) {
        Report(rule, absl::StrCat("Brevo has no such attribute; this account calls it ",
                                  ToAbsl(names.local), ": map ", rule.source, " to that"));
        return;
      }
    }
    std::vector<std::string_view> known;
    for (const BrevoAttribute& attribute : schema_.attributes) known.push_back(attribute.name);
    const std::string_view nearest = NearestWord(name, known);
    const AttributeType type = SuggestedType(shape);
    MappingProblem& problem = Report(
        rule, absl::StrCat("Brevo has no such attribute; create it ", ToAbsl(kAttributesPage),
                           " with the type ", ToAbsl(AttributeTypeName(type)),
                           ", or run check --live --fix",
                           nearest.empty() ? "" : "; the nearest one there is ", ToAbsl(nearest)));
    problem.missing_attribute = name;
    problem.suggested_type = type;
  }

  const std::vector<FieldRule>& rules_;
  const AccountSchema& schema_;
  const bool leads_are_synced_;
  std::map<std::string, const FieldRule*> taken_;
  ResolvedMap map_;
};

}  // namespace

ResolvedMap Resolve(const std::vector<FieldRule>& rules, const AccountSchema& schema,
                    bool deals_are_synced, bool leads_are_synced) {
  return Resolver(rules, schema, deals_are_synced, leads_are_synced).Run();
}

}  // namespace connector::mapping
