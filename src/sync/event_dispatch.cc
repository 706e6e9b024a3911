#include "sync/event_dispatch.h"

#include <iterator>
#include <utility>

#include "sync/person_creation.h"

namespace connector::sync {
namespace {

template <typename T>
void Append(std::vector<T>&& from, std::vector<T>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

absl::StatusOr<store::IngestBatch> EventDispatch::Handle(
    const std::vector<store::LeasedEvent>& events, const http::CallContext& context) {
  std::vector<store::LeasedEvent> of_brevo;
  std::vector<store::LeasedEvent> others;
  for (const store::LeasedEvent& event : events) {
    const bool of_contact = event.entry.source == store::EventSource::kBrevo ||
                            !AddressToCreateFrom(event.entry).empty();
    (of_contact ? of_brevo : others).push_back(event);
  }
  if (of_brevo.empty()) return pipedrive_.Handle(events, context);
  if (others.empty()) return brevo_.Handle(events, context);
  absl::StatusOr<store::IngestBatch> batch = pipedrive_.Handle(others, context);
  absl::StatusOr<store::IngestBatch> news = brevo_.Handle(of_brevo, context);
  if (!batch.ok() && !news.ok()) return batch.status();
  if (!batch.ok()) {
    for (const auto& event : others) news->unhandled.push_back({event.id, batch.status()});
    return news;
  }
  if (!news.ok()) {
    for (const auto& event : of_brevo) batch->unhandled.push_back({event.id, news.status()});
    return batch;
  }
  batch->bulk = batch->bulk && news->bulk;
  Append(std::move(news->contact_news), batch->contact_news);
  Append(std::move(news->persons), batch->persons);
  Append(std::move(news->settled), batch->settled);
  Append(std::move(news->unhandled), batch->unhandled);
  Append(std::move(news->failures), batch->failures);
  return batch;
}

}  // namespace connector::sync
