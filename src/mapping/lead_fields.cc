#include "mapping/lead_fields.h"

namespace connector::mapping {

LeadFields FieldsOf(const LeadFacts& facts, const AccountSchema& schema) {
  LeadFields fields{.open = facts.open, .newest = facts.newest};
  if (!facts.newest) return fields;
  for (const std::string& id : facts.newest->label_ids) {
    for (const FieldOption& label : schema.lead_labels) {
      if (label.id == id) fields.labels.push_back(label.label);
    }
  }
  return fields;
}

}  // namespace connector::mapping
