#include "model/schema.h"

#include <algorithm>
#include <array>

namespace connector {

std::string_view AttributeTypeName(AttributeType type) {
  constexpr std::array<std::string_view, 7> kNames = {
      "text", "number", "date", "boolean", "category", "multiple-choice", "other"};
  return kNames.at(static_cast<size_t>(type));
}

const Stage* FindStage(const AccountSchema& schema, int64_t id) {
  const auto found = std::find_if(schema.stages.begin(), schema.stages.end(),
                                  [id](const Stage& stage) { return stage.id == id; });
  return found == schema.stages.end() ? nullptr : &*found;
}

const Pipeline* FindPipeline(const AccountSchema& schema, int64_t id) {
  const auto found = std::find_if(schema.pipelines.begin(), schema.pipelines.end(),
                                  [id](const Pipeline& pipeline) { return pipeline.id == id; });
  return found == schema.pipelines.end() ? nullptr : &*found;
}

int DecimalsOf(const AccountSchema& schema, std::string_view currency) {
  const auto found = std::find_if(schema.currencies.begin(), schema.currencies.end(),
                                  [currency](const Currency& c) { return c.code == currency; });
  return found == schema.currencies.end() ? 2 : found->decimals;
}

}  // namespace connector
