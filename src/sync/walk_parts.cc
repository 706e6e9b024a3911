#include "sync/walk_parts.h"

#include <algorithm>
#include <utility>

#include "mapping/person_mapper.h"

namespace connector::sync {

namespace {

pipedrive::Selection SelectionFor(std::vector<std::string> keys, bool counts,
                                  const std::vector<PipedriveField>& fields) {
  pipedrive::Selection selection;
  selection.deal_counts = counts;
  selection.custom_keys = std::move(keys);
  const auto custom = std::find_if(fields.begin(), fields.end(),
                                   [](const PipedriveField& field) { return field.is_custom; });
  if (custom != fields.end()) selection.placeholder_key = custom->key;
  for (const PipedriveField& field : fields) {
    if (std::binary_search(selection.custom_keys.begin(), selection.custom_keys.end(), field.key)) {
      selection.custom_types[field.key] = field.type;
    }
  }
  return selection;
}

}  // namespace

Failure BookMalformed(RunSession& session, std::string_view entity, std::string id,
                      std::string problem) {
  session.CountFailure(FailureReason::kMalformedRecord);
  return {.run_id = session.run().id,
          .entity = std::string(entity),
          .entity_id = std::move(id),
          .reason = FailureReason::kMalformedRecord,
          .detail = std::move(problem)};
}

pipedrive::Selection PersonSelection(const Planning& planning) {
  std::vector<std::string> keys = planning.map.person_keys;
  if (planning.consent.field) {
    const auto at = std::lower_bound(keys.begin(), keys.end(), planning.consent.field->key);
    if (at == keys.end() || *at != planning.consent.field->key) {
      keys.insert(at, planning.consent.field->key);
    }
  }
  pipedrive::Selection selection =
      SelectionFor(std::move(keys), planning.map.wants_deal_counts, planning.schema.person_fields);
  selection.marketing_status = planning.wants_marketing_status;
  return selection;
}

pipedrive::Selection OrganizationSelection(const Planning& planning) {
  return SelectionFor(planning.map.organization_keys, false, planning.schema.organization_fields);
}

store::PersonRow MakePersonRow(const Planning& planning, Person person) {
  std::string email = mapping::ChooseEmail(person).email;
  const std::string ext_id = planning.ExtIdOf(person.id);
  return {std::move(person), std::move(email), ext_id, planning.contacts_without_email};
}

}  // namespace connector::sync
