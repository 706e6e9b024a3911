#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "http/caller.h"
#include "model/source_event.h"
#include "sync/accounts.h"

namespace connector::sync {

// What a batch of events tells of deals, completed by what has to be read again, as PersonNews does
// for persons. One thread.
class DealNews {
 public:
  // Both outlive it.
  DealNews(const Accounts& accounts, const http::CallContext& context)
      : accounts_(accounts), context_(context) {}

  // The events of a deal in any order.
  void Note(int64_t id, const SourceEvent& event);
  // Reads a deal whatever the events tell.
  void ReadAgain(int64_t id) { news_[id].read_again = true; }

  // Makes the calls. A deal that is not there any more comes out as deleted.
  absl::Status Resolve();

  // Once resolved: the deal as it is now; null if there is no news of it.
  const Deal* Find(int64_t id) const;
  // Whose deal it was until now, as far as that was known.
  std::optional<int64_t> FormerPerson(int64_t id) const;
  std::vector<Deal> Take() &&;

 private:
  struct News {
    std::optional<Deal> deal;
    std::optional<Time> occurred_at;
    std::optional<Deal> known;  // what is stored
    bool read_again = false;
  };

  absl::Status ReadTogether(const std::vector<int64_t>& ids);

  const Accounts& accounts_;
  const http::CallContext& context_;
  std::map<int64_t, News> news_;
};

}  // namespace connector::sync
