#include "sync/append_all.h"

#include <future>
#include <utility>

namespace connector::sync {

absl::Status AppendAll(store::Inbox& inbox, std::vector<store::InboxEntry> entries) {
  std::vector<std::promise<absl::Status>> answers(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    inbox.AppendInbox(std::move(entries[i]),
                      [&answer = answers[i]](const absl::StatusOr<store::Appended>& appended) {
                        answer.set_value(appended.status());
                      });
  }
  absl::Status all;
  for (std::promise<absl::Status>& answer : answers) all.Update(answer.get_future().get());
  return all;
}

}  // namespace connector::sync
