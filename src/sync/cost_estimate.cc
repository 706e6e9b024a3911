#include "sync/cost_estimate.h"

#include <cmath>

#include "brevo/import_body.h"
#include "pipedrive/operations.h"

namespace connector::sync {
namespace {

// What is around the values of a row: {"email":"","attributes":{}}, and "NAME":,
constexpr size_t kRowFrame = 29;
constexpr size_t kNameFrame = 4;

size_t QuotedSize(const std::string& text) {
  size_t size = 2;
  for (const char c : text) size += c == '"' || c == '\\' ? 2 : 1;
  return size;
}

size_t NumberSize(double number) {
  // Whole numbers are what counts are; anything else takes at most the 17 digits of a double.
  constexpr double kExact = 1e15;
  if (number != std::floor(number) || std::abs(number) >= kExact) return 24;
  size_t size = number < 0 ? 2 : 1;
  for (double rest = std::abs(number); rest >= 10; rest /= 10) ++size;
  return size;
}

size_t ValueSize(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return QuotedSize(*text);
  if (const auto* number = std::get_if<double>(&value)) return NumberSize(*number);
  if (const auto* labels = std::get_if<std::vector<std::string>>(&value)) {
    size_t size = 2;
    for (const std::string& label : *labels) size += QuotedSize(label) + 1;
    return size;
  }
  return 5;  // true, false
}

}  // namespace

size_t ImportRowSize(const ContactWrite& write) {
  constexpr std::string_view kExtId = "EXT_ID";
  size_t size = kRowFrame + write.email.size();
  if (write.ext_id) size += kExtId.size() + kNameFrame + QuotedSize(*write.ext_id);
  for (const auto& [name, value] : write.attributes) {
    size += name.size() + kNameFrame + ValueSize(value);
  }
  return size;
}

void CostEstimate::Add(Road road, const ContactPlan& plan) {
  if (!plan.person_write.empty()) ++person_writes_;
  if (road == Road::kSingle) ++singles_;
  if (road != Road::kImport) return;
  ++importable_;
  for (const ListRow& row : ImportRowsOf(planning_, plan)) {
    bytes_[row.list_id] += ImportRowSize(row.write);
  }
}

void CostEstimate::AddTo(PlannedCost& cost) const {
  cost.person_writes += person_writes_;
  cost.pipedrive_tokens += person_writes_ * pipedrive::kUpdatePerson.tokens;
  cost.single_writes += singles_;
  if (importable_ < import_threshold_) {
    cost.single_writes += static_cast<int64_t>(importable_);
    return;
  }
  constexpr size_t kMax = brevo::ImportBody::kMaxBytes;
  for (const auto& [list, bytes] : bytes_) {
    cost.import_bytes += static_cast<int64_t>(bytes);
    cost.import_jobs += static_cast<int64_t>((bytes + kMax - 1) / kMax);
  }
}

}  // namespace connector::sync
