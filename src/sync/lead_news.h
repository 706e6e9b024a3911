#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "http/caller.h"
#include "model/source_event.h"
#include "sync/accounts.h"

namespace connector::sync {

// What a batch of events tells of leads, completed by what has to be read again, as DealNews does
// for deals. One thread.
class LeadNews {
 public:
  // Both outlive it.
  LeadNews(const Accounts& accounts, const http::CallContext& context)
      : accounts_(accounts), context_(context) {}

  // The events of a lead in any order.
  void Note(const SourceEvent& event);
  // Reads a lead whatever the events tell.
  void ReadAgain(const std::string& id) { news_[id].read_again = true; }

  // Makes the calls. A lead that is not there any more comes out as deleted.
  absl::Status Resolve();

  // Once resolved: the lead as it is now, null if there is no news of it; and as it was stored.
  const Lead* Find(const std::string& id) const;
  const Lead* Former(const std::string& id) const;
  std::vector<Lead> Take() &&;

 private:
  struct News {
    std::optional<Lead> lead;
    std::optional<Lead> known;  // what is stored
    bool read_again = false;
  };

  const Accounts& accounts_;
  const http::CallContext& context_;
  std::map<std::string, News> news_;
};

}  // namespace connector::sync
