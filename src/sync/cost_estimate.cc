#include "sync/cost_estimate.h"

#include "brevo/import_body.h"

namespace connector::sync {
namespace {

// The text of one value, quotes and comma included. Escapes double a character at most for what
// people write; control characters are rarer than the reserve is large.
size_t TextSize(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    size_t escaped = 0;
    for (const char c : *text) escaped += c == '"' || c == '\\' ? 2 : 1;
    return escaped + 3;
  }
  if (const auto* labels = std::get_if<std::vector<std::string>>(&value)) {
    size_t size = 3;
    for (const std::string& label : *labels) size += label.size() + 4;
    return size;
  }
  return 24;  // a number or a truth value
}

}  // namespace

size_t ImportRowSize(const ContactWrite& write) {
  size_t size = write.email.size() + 32;
  if (write.ext_id) size += write.ext_id->size() + 12;
  for (const auto& [name, value] : write.attributes) size += name.size() + 4 + TextSize(value);
  return size;
}

void CostEstimate::Add(Road road, const ContactPlan& plan) {
  if (road == Road::kSingle) ++singles_;
  if (road != Road::kImport) return;
  ++importable_;
  for (const ListRow& row : ImportRowsOf(planning_, plan)) {
    bytes_[row.list_id] += ImportRowSize(row.write);
  }
}

void CostEstimate::AddTo(PlannedCost& cost) const {
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
