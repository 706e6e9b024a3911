#include "mapping/person_mapper.h"

#include <string_view>

#include "mapping/convert.h"
#include "mapping/text.h"

namespace connector::mapping {
namespace {

void MapName(const std::optional<std::string>& name, const BrevoAttribute& attribute,
             MappedValue& out) {
  if (name) ConvertText(attribute, CollapseSpace(*name), out);
}

void MapText(const std::optional<std::string>& text, const BrevoAttribute& attribute,
             MappedValue& out) {
  if (text) ConvertText(attribute, *text, out);
}

// For what is missing rather than empty when it wasn't asked for.
void MapInteger(const std::optional<int64_t>& number, const BrevoAttribute& attribute,
                MappedValue& out) {
  if (number) {
    ConvertInteger(attribute, *number, out);
  } else {
    out.known = false;
  }
}

void MapPhones(const Person& person, const BrevoAttribute& attribute, PhoneNormalizer& phones,
               MappedValue& out) {
  std::vector<std::string_view> numbers;
  numbers.reserve(person.phones.size());
  for (const bool primary : {true, false}) {
    for (const ContactPoint& phone : person.phones) {
      const std::string_view number = TrimInvisible(phone.value);
      if (phone.primary == primary && !number.empty()) numbers.push_back(number);
    }
  }
  ConvertPhones(attribute, numbers, phones, out);
}

class PersonMapper {
 public:
  PersonMapper(const Person& person, const Organization* organization, PhoneNormalizer& phones,
               bool from_table, const DealTotals* deals, const LeadFields* leads)
      : person_(person),
        organization_(organization && !organization->is_deleted ? organization : nullptr),
        organization_known_(organization || !person.org_id),
        phones_(phones),
        from_table_(from_table),
        deals_(deals),
        leads_(leads) {}

  void Map(const ResolvedField& field, MappedValue& out) const {
    const BrevoAttribute& attribute = field.attribute;
    switch (field.source) {
      case SourceKind::kName:
        return MapName(person_.name, attribute, out);
      case SourceKind::kFirstName:
        return MapName(person_.first_name, attribute, out);
      case SourceKind::kLastName:
        return MapName(person_.last_name, attribute, out);
      case SourceKind::kPhone:
        return MapPhones(person_, attribute, phones_, out);
      case SourceKind::kPersonCustomField:
        return ConvertCustom(field.custom_field, attribute,
                             FindCustomField(person_.custom_fields, field.custom_field.key),
                             phones_, out);
      case SourceKind::kPersonId:
        return ConvertInteger(attribute, person_.id, out);
      case SourceKind::kOwnerId:
        return MapInteger(person_.owner_id, attribute, out);
      case SourceKind::kMarketingStatus:
        out.known = person_.marketing_status.has_value();
        return MapText(person_.marketing_status, attribute, out);
      case SourceKind::kWonDealsCount:
      case SourceKind::kLostDealsCount:
      case SourceKind::kOpenDealsCount:
      case SourceKind::kClosedDealsCount:
      case SourceKind::kTotalRevenue:
        return from_table_ ? MapDeals(field, out) : MapOwnCount(field, out);
      case SourceKind::kOpenLeadsCount:
      case SourceKind::kLeadTitle:
      case SourceKind::kLeadValue:
      case SourceKind::kLeadCurrency:
      case SourceKind::kLeadSource:
      case SourceKind::kLeadLabels:
        return MapLeads(field, out);
      default:
        return MapOrganization(field, out);
    }
  }

 private:
  // As Pipedrive counts; nothing if the person came without counts.
  void MapOwnCount(const ResolvedField& field, MappedValue& out) const {
    switch (field.source) {
      case SourceKind::kWonDealsCount:
        return MapInteger(person_.won_deals_count, field.attribute, out);
      case SourceKind::kLostDealsCount:
        return MapInteger(person_.lost_deals_count, field.attribute, out);
      case SourceKind::kOpenDealsCount:
        return MapInteger(person_.open_deals_count, field.attribute, out);
      case SourceKind::kClosedDealsCount:
        return MapInteger(person_.closed_deals_count, field.attribute, out);
      default:
        out.known = false;
    }
  }

  void MapDeals(const ResolvedField& field, MappedValue& out) const {
    out.known = deals_ != nullptr;
    if (!out.known) return;
    switch (field.source) {
      case SourceKind::kWonDealsCount:
        return ConvertInteger(field.attribute, deals_->won, out);
      case SourceKind::kLostDealsCount:
        return ConvertInteger(field.attribute, deals_->lost, out);
      case SourceKind::kOpenDealsCount:
        return ConvertInteger(field.attribute, deals_->open, out);
      case SourceKind::kClosedDealsCount:
        return ConvertInteger(field.attribute, deals_->won + deals_->lost, out);
      default:
        break;
    }
    out.known = deals_->revenue.has_value();
    if (!out.known) return;
    ConvertNumber(field.attribute, *deals_->revenue, out);
    if (deals_->other_currency.empty() || out.loss) return;
    out.loss = FailureReason::kOtherCurrency;
    out.loss_detail = "without won deals of " + deals_->other_currency +
                      "; a rate in sync_options.deals.currency_rates would add them";
  }

  // Empty where no lead is open.
  void MapLeads(const ResolvedField& field, MappedValue& out) const {
    out.known = leads_ != nullptr;
    if (!out.known) return;
    const BrevoAttribute& attribute = field.attribute;
    if (field.source == SourceKind::kOpenLeadsCount) {
      return ConvertInteger(attribute, leads_->open, out);
    }
    if (!leads_->newest) return;
    const Lead& lead = *leads_->newest;
    switch (field.source) {
      case SourceKind::kLeadTitle:
        return ConvertText(attribute, CollapseSpace(lead.title), out);
      case SourceKind::kLeadSource:
        return ConvertText(attribute, lead.source_name, out);
      case SourceKind::kLeadValue:
        if (lead.value) ConvertNumber(attribute, lead.value->amount, out);
        return;
      case SourceKind::kLeadCurrency:
        if (lead.value) ConvertText(attribute, lead.value->currency, out);
        return;
      default:
        return ConvertLabels(attribute, {leads_->labels.begin(), leads_->labels.end()}, out);
    }
  }

  void MapOrganization(const ResolvedField& field, MappedValue& out) const {
    out.known = organization_known_;
    if (!organization_) return;
    const BrevoAttribute& attribute = field.attribute;
    switch (field.source) {
      case SourceKind::kOrganizationName:
        return MapName(organization_->name, attribute, out);
      case SourceKind::kOrganizationAddress:
        return MapText(organization_->address, attribute, out);
      case SourceKind::kOrganizationWebsite:
        return MapText(organization_->website, attribute, out);
      case SourceKind::kOrganizationCustomField:
        return ConvertCustom(field.custom_field, attribute,
                             FindCustomField(organization_->custom_fields, field.custom_field.key),
                             phones_, out);
      default:
        return;
    }
  }

  const Person& person_;
  const Organization* const organization_;
  const bool organization_known_;
  PhoneNormalizer& phones_;
  const bool from_table_;
  const DealTotals* const deals_;
  const LeadFields* const leads_;
};

}  // namespace

std::vector<MappedValue> MapPerson(const ResolvedMap& map, const Person& person,
                                   const Organization* organization, PhoneNormalizer& phones,
                                   const DealTotals* deals, const LeadFields* leads) {
  std::vector<MappedValue> values(map.fields.size());
  const PersonMapper mapper(person, organization, phones, map.deals_from_table, deals, leads);
  for (size_t i = 0; i < values.size(); ++i) mapper.Map(map.fields[i], values[i]);
  return values;
}

}  // namespace connector::mapping
