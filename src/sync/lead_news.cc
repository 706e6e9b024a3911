#include "sync/lead_news.h"

#include <utility>

#include "base/status.h"
#include "sync/walk_leads.h"

namespace connector::sync {

void LeadNews::Note(const SourceEvent& event) {
  News& news = news_[event.id];
  const auto* lead = std::get_if<Lead>(&event.record);
  if (event.hint || event.action == SourceAction::kDeleted || lead == nullptr ||
      !lead->update_time) {
    news.read_again = true;
  } else if (!news.lead || news.lead->update_time <= lead->update_time) {
    news.lead = *lead;
  }
}

absl::Status LeadNews::Resolve() {
  for (auto& [id, news] : news_) {
    CONNECTOR_ASSIGN_OR_RETURN(news.known,
                               accounts_.store.FindLead(accounts_.settings.connection, id));
    // Times that are not later leave in doubt which of two states is the newer one.
    news.read_again |= news.known && news.lead && news.known->update_time == news.lead->update_time;
    if (!news.read_again) continue;
    absl::StatusOr<Lead> lead = accounts_.pipedrive.GetLead(id, context_);
    if (absl::IsNotFound(lead.status())) {
      lead = news.known.value_or(news.lead.value_or(Lead{.id = id}));
      lead->is_deleted = true;
    }
    CONNECTOR_RETURN_IF_ERROR(lead.status());
    news.lead = *std::move(lead);
  }
  return absl::OkStatus();
}

const Lead* LeadNews::Find(const std::string& id) const {
  const auto found = news_.find(id);
  return found == news_.end() || !found->second.lead ? nullptr : &*found->second.lead;
}

const Lead* LeadNews::Former(const std::string& id) const {
  const auto found = news_.find(id);
  return found == news_.end() || !found->second.known ? nullptr : &*found->second.known;
}

std::vector<Lead> LeadNews::Take() && {
  std::vector<Lead> leads;
  for (auto& [id, news] : news_) {
    if (news.lead) leads.push_back(StoredForm(accounts_.settings, *std::move(news.lead)));
  }
  return leads;
}

}  // namespace connector::sync
