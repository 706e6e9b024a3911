#include "sync/walk_parts.h"

#include <algorithm>
#include <utility>

namespace connector::sync {

Failure BookMalformed(RunSession& session, std::string_view entity, std::string id,
                      std::string problem) {
  session.CountFailure(FailureReason::kMalformedRecord);
  return {.run_id = session.run().id,
          .entity = std::string(entity),
          .entity_id = std::move(id),
          .reason = FailureReason::kMalformedRecord,
          .detail = std::move(problem)};
}

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

}  // namespace connector::sync
