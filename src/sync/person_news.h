#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "http/caller.h"
#include "model/source_event.h"
#include "store/inbox.h"
#include "sync/accounts.h"
#include "sync/planning.h"

namespace connector::sync {

// What a batch of events tells of persons, completed by what has to be read again: hints,
// deletions, merges, what the mapping asks for and a payload lacks, and states of the same second
// as the stored one, since nothing tells which of the two is newer. One thread.
class PersonNews {
 public:
  // All outlive it.
  PersonNews(const Accounts& accounts, const Planning& planning, const http::CallContext& context)
      : accounts_(accounts), planning_(planning), context_(context) {}

  // The events of a person in any order.
  void Note(int64_t id, const SourceEvent& event);
  // Reads a person whatever the events tell.
  void ReadAgain(int64_t id) { news_[id].read_again = true; }
  // Reads a person nobody has seen: something else is about it.
  void Need(int64_t id) { needed_.insert(id); }

  // Makes the calls. Persons that cannot be read are failures; an error concerns the account.
  absl::Status Resolve(std::vector<Failure>& failures);

  // Once resolved: the person as it is now, null if it is gone or there is no news of it.
  const Person* Find(int64_t id) const;
  void MoveTo(store::IngestBatch& batch) &&;

 private:
  struct News {
    std::optional<Person> person;
    std::optional<Time> occurred_at;
    bool read_again = false;
    bool is_own = false;  // told as a call of the API by this service's user
  };

  absl::Status FindDoubtful();
  // Whether the news are what this service wrote, which is stored: it counts as known then.
  absl::StatusOr<bool> IsOwnWrite(int64_t id, News& news);
  // Appends to `missing` what Pipedrive does not give.
  absl::Status Read(std::vector<int64_t> ids, std::vector<int64_t>& missing,
                    std::vector<Failure>& failures);

  const Accounts& accounts_;
  const Planning& planning_;
  const http::CallContext& context_;
  std::map<int64_t, News> news_;
  std::vector<store::MergedPersons> merges_;
  std::set<int64_t> needed_;
  std::set<int64_t> gone_;  // confirmed to be deleted
};

}  // namespace connector::sync
