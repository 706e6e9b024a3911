#include "sync/deal_news.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/status.h"
#include "sync/walk_parts.h"

namespace connector::sync {
void DealNews::Note(int64_t id, const SourceEvent& event) {
  News& news = news_[id];
  const auto* deal = std::get_if<Deal>(&event.record);
  if (event.hint || event.action == SourceAction::kDeleted || deal == nullptr ||
      !deal->update_time) {
    news.read_again = true;
  } else if (!news.deal || std::tie(news.deal->update_time, news.occurred_at) <=
                               std::tie(deal->update_time, event.occurred_at)) {
    news.deal = *deal;
    news.occurred_at = event.occurred_at;
  }
}

absl::Status DealNews::Resolve() {
  std::vector<int64_t> ids;
  for (auto& [id, news] : news_) {
    CONNECTOR_ASSIGN_OR_RETURN(news.known,
                               accounts_.store.FindDeal(accounts_.settings.connection, id));
    // Times are whole seconds: of two states of one second it is not known which is newer.
    news.read_again |= news.known && news.deal && news.known->update_time == news.deal->update_time;
    if (news.read_again) ids.push_back(id);
  }
  // A list by ids knows neither archived nor deleted deals: what it leaves out is read singly.
  if (ids.size() >= kListFrom) CONNECTOR_RETURN_IF_ERROR(ReadTogether(ids));
  for (const int64_t id : ids) {
    News& news = news_[id];
    if (!news.read_again) continue;
    absl::StatusOr<Deal> deal = accounts_.pipedrive.GetDeal(id, context_);
    if (absl::IsNotFound(deal.status())) {
      deal = news.known.value_or(Deal{.id = id});
      deal->status = DealStatus::kDeleted;
    }
    CONNECTOR_RETURN_IF_ERROR(deal.status());
    news.deal = *std::move(deal);
  }
  return absl::OkStatus();
}

absl::Status DealNews::ReadTogether(const std::vector<int64_t>& ids) {
  return ReadByHundreds(ids, [this](std::vector<int64_t> some) -> absl::Status {
    pipedrive::DealsQuery query;
    query.ids = std::move(some);
    CONNECTOR_ASSIGN_OR_RETURN(auto page, accounts_.pipedrive.ListDeals(query, "", context_));
    for (Deal& deal : page.records) {
      News& news = news_[deal.id];
      news.read_again = false;
      news.deal = std::move(deal);
    }
    return absl::OkStatus();
  });
}

const Deal* DealNews::Find(int64_t id) const {
  const auto found = news_.find(id);
  return found == news_.end() || !found->second.deal ? nullptr : &*found->second.deal;
}

std::optional<int64_t> DealNews::FormerPerson(int64_t id) const {
  const auto found = news_.find(id);
  if (found == news_.end() || !found->second.known) return std::nullopt;
  return found->second.known->person_id;
}

std::vector<Deal> DealNews::Take() && {
  std::vector<Deal> deals;
  for (auto& [id, news] : news_) {
    if (news.deal) deals.push_back(*std::move(news.deal));
  }
  return deals;
}

}  // namespace connector::sync
