#include <map>

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "config/sections.h"
#include "config/values.h"

namespace connector::config {
namespace {

constexpr int64_t kMaxId = 9007199254740991;  // exact in every JSON reader
const std::vector<std::string_view> kOutcomes = {"won", "lost"};

bool IsId(std::optional<int64_t> number) { return number && *number >= 1 && *number <= kMaxId; }

class StageReader {
 public:
  StageReader(Context& context, std::vector<StageRule>& rules) : context_(context), rules_(rules) {}

  // `key` is "1", "won", "2/1" or, if `entry` holds a map, a pipeline's id.
  void Read(const Entry& entry, const std::string& section) {
    const std::string key = Under(section, entry.key);
    if (entry.value.IsMap()) {
      const std::optional<int64_t> pipeline = ParseInteger(entry.key);
      if (!IsId(pipeline)) {
        context_.problems.Error(
            entry.line, key, "is no pipeline id; only `PIPELINE: {STAGE: LIST}` holds a section");
        return;
      }
      for (const Entry& inner : ReadMap(entry.value, key, entry.line, context_)) {
        ReadRule(pipeline, inner.key, inner, Under(key, inner.key));
      }
      return;
    }
    const size_t slash = entry.key.find('/');
    if (slash == std::string::npos) return ReadRule(std::nullopt, entry.key, entry, key);
    const std::optional<int64_t> pipeline = ParseInteger(entry.key.substr(0, slash));
    if (!IsId(pipeline)) {
      context_.problems.Error(entry.line, key, "has no pipeline id before the slash");
      return;
    }
    ReadRule(pipeline, entry.key.substr(slash + 1), entry, key);
  }

 private:
  void ReadRule(std::optional<int64_t> pipeline, const std::string& stage, const Entry& entry,
                const std::string& key) {
    if (stage != "won" && stage != "lost" && !IsId(ParseInteger(stage))) {
      context_.problems.Error(
          entry.line, key,
          absl::StrCat("\"", stage, "\" is no stage; allowed: the id of a stage, won, lost",
                       Suggestion(stage, kOutcomes)));
      return;
    }
    const std::optional<Scalar> list = ReadScalar(entry, key, context_);
    if (!list) return;
    const std::optional<int64_t> list_id = ParseInteger(list->text);
    if (!IsId(list_id)) {
      context_.problems.Error(
          list->line, key,
          absl::StrCat("\"", list->raw, "\" is no list id; allowed: a whole number from 1"));
      return;
    }
    const auto [first, is_new] =
        lines_.emplace(std::pair(pipeline.value_or(0), Canonical(stage)), entry.line);
    if (!is_new) {
      context_.problems.Error(
          entry.line, key,
          absl::StrCat("given twice, on lines ", first->second, " and ", entry.line, "; keep one"));
      return;
    }
    rules_.push_back({pipeline, Canonical(stage), *list_id, entry.line});
  }

  // "01" and "1" are one stage.
  static std::string Canonical(const std::string& stage) {
    const std::optional<int64_t> id = ParseInteger(stage);
    return id ? std::to_string(*id) : stage;
  }

  Context& context_;
  std::vector<StageRule>& rules_;
  std::map<std::pair<int64_t, std::string>, int> lines_;
};

}  // namespace

void ReadStageMapping(const Entry& section, Context& context, Connection& connection) {
  StageReader reader(context, connection.deal_stage_mapping);
  for (const Entry& entry : ReadMap(section.value, section.key, section.line, context)) {
    reader.Read(entry, section.key);
  }
}

}  // namespace connector::config
