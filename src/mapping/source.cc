#include "mapping/source.h"

#include <algorithm>
#include <array>
#include <vector>

#include "mapping/attribute.h"

namespace connector::mapping {
namespace {

// Consent flows by its own rules (blocks only ever tighten), so marketing_status is no two-way
// field.
constexpr std::array<BuiltInSource, 21> kBuiltIns = {{
    {"closed_deals_count", SourceKind::kClosedDealsCount, SourceShape::kCount, true},
    {"first_name", SourceKind::kFirstName, SourceShape::kLine, false},
    {"id", SourceKind::kPersonId, SourceShape::kReference, true},
    {"last_name", SourceKind::kLastName, SourceShape::kLine, false},
    {"lead.currency", SourceKind::kLeadCurrency, SourceShape::kLine, true},
    {"lead.labels", SourceKind::kLeadLabels, SourceShape::kOptionSet, true},
    {"lead.source", SourceKind::kLeadSource, SourceShape::kLine, true},
    {"lead.title", SourceKind::kLeadTitle, SourceShape::kLine, true},
    {"lead.value", SourceKind::kLeadValue, SourceShape::kMoney, true},
    {"lost_deals_count", SourceKind::kLostDealsCount, SourceShape::kCount, true},
    {"marketing_status", SourceKind::kMarketingStatus, SourceShape::kText, true},
    {"name", SourceKind::kName, SourceShape::kLine, false},
    {"open_deals_count", SourceKind::kOpenDealsCount, SourceShape::kCount, true},
    {"open_leads_count", SourceKind::kOpenLeadsCount, SourceShape::kCount, true},
    {"org_id.address", SourceKind::kOrganizationAddress, SourceShape::kLine, true},
    {"org_id.name", SourceKind::kOrganizationName, SourceShape::kLine, true},
    {"org_id.website", SourceKind::kOrganizationWebsite, SourceShape::kLine, true},
    {"owner_id", SourceKind::kOwnerId, SourceShape::kReference, true},
    {"phone", SourceKind::kPhone, SourceShape::kPhone, false},
    {"total_revenue", SourceKind::kTotalRevenue, SourceShape::kMoney, true},
    {"won_deals_count", SourceKind::kWonDealsCount, SourceShape::kCount, true},
}};

bool FitsNumber(SourceShape shape) {
  switch (shape) {
    case SourceShape::kText:
    case SourceShape::kCount:
    case SourceShape::kNumber:
    case SourceShape::kMoney:
    case SourceShape::kOption:
    case SourceShape::kReference:
      return true;
    default:
      return false;
  }
}

}  // namespace

const std::vector<std::string_view>& KnownSources() {
  static const auto* const names = [] {
    auto* all = new std::vector<std::string_view>{"email"};
    for (const BuiltInSource& source : kBuiltIns) all->push_back(source.name);
    std::sort(all->begin(), all->end());
    return all;
  }();
  return *names;
}

bool IsToBrevoOnly(std::string_view source) {
  if (source.starts_with("org_id.")) return true;
  const BuiltInSource* const built_in = FindBuiltIn(source);
  return built_in && built_in->to_brevo_only;
}

const BuiltInSource* FindBuiltIn(std::string_view name) {
  const auto it = std::find_if(kBuiltIns.begin(), kBuiltIns.end(),
                               [&](const BuiltInSource& source) { return source.name == name; });
  return it == kBuiltIns.end() ? nullptr : &*it;
}

SourceShape ShapeOfCustomField(const PipedriveField& field) {
  struct Row {
    std::string_view type;
    SourceShape shape;
  };
  constexpr std::array<Row, 12> kRows = {{
      {"phone", SourceShape::kPhone},
      {"double", SourceShape::kNumber},
      {"int", SourceShape::kNumber},
      {"monetary", SourceShape::kMoney},
      {"date", SourceShape::kDate},
      {"daterange", SourceShape::kDate},
      {"enum", SourceShape::kOption},
      {"set", SourceShape::kOptionSet},
      {"user", SourceShape::kReference},
      {"org", SourceShape::kReference},
      {"people", SourceShape::kReference},
      {"address", SourceShape::kLine},
  }};
  for (const Row& row : kRows) {
    if (row.type == field.type) return row.shape;
  }
  return field.type.starts_with("time") ? SourceShape::kLine : SourceShape::kText;
}

bool Fits(SourceShape shape, const BrevoAttribute& attribute) {
  if (IsPhoneAttribute(attribute)) {
    return shape == SourceShape::kPhone || shape == SourceShape::kText;
  }
  switch (attribute.type) {
    case AttributeType::kText:
      return true;
    case AttributeType::kNumber:
      return FitsNumber(shape);
    case AttributeType::kDate:
      return shape == SourceShape::kDate || shape == SourceShape::kText;
    case AttributeType::kBoolean:
    case AttributeType::kCategory:
      return shape == SourceShape::kOption || shape == SourceShape::kText ||
             shape == SourceShape::kNumber;
    case AttributeType::kMultipleChoice:
      return shape == SourceShape::kOption || shape == SourceShape::kOptionSet ||
             shape == SourceShape::kText;
    case AttributeType::kOther:
      return false;
  }
  return false;
}

AttributeType SuggestedType(SourceShape shape) {
  switch (shape) {
    case SourceShape::kCount:
    case SourceShape::kNumber:
    case SourceShape::kMoney:
    case SourceShape::kReference:
      return AttributeType::kNumber;
    case SourceShape::kDate:
      return AttributeType::kDate;
    // A set becomes its labels joined: a multiple-choice attribute would need the same options
    // first.
    case SourceShape::kOptionSet:
    default:
      return AttributeType::kText;
  }
}

std::string_view DescribeShape(SourceShape shape) {
  switch (shape) {
    case SourceShape::kLine:
    case SourceShape::kText:
      return "a text";
    case SourceShape::kPhone:
      return "a phone number";
    case SourceShape::kCount:
      return "a count";
    case SourceShape::kNumber:
      return "a number";
    case SourceShape::kMoney:
      return "an amount of money";
    case SourceShape::kDate:
      return "a date";
    case SourceShape::kOption:
      return "an option";
    case SourceShape::kOptionSet:
      return "a set of options";
    case SourceShape::kReference:
      return "the id of a record";
  }
  return "a value";
}

}  // namespace connector::mapping
