#include "worker/failure_retries.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"

namespace connector::worker {
namespace {

// Failures that are read, and records that are on their way to the disk, at a time.
constexpr int kAtOnce = 500;

// A Pipedrive record, as an inbox's lane names it.
struct Record {
  SourceObject object = SourceObject::kOther;
  std::string id;
  auto operator<=>(const Record&) const = default;
};

// nullopt for a failure that names no record that could be read.
std::optional<Record> RecordOf(const Failure& failure) {
  std::string entity = failure.entity;
  std::string id = failure.entity_id;
  if (entity == "event") {  // its id is the lane
    const size_t slash = id.find('/');
    if (slash == std::string::npos) return std::nullopt;
    entity = id.substr(0, slash);
    id.erase(0, slash + 1);
    // Of a Brevo event that was refused it is the event's key, which goes on after the record.
    id.resize(std::min(id.size(), id.find('/')));
  }
  for (const SourceObject object :
       {SourceObject::kPerson, SourceObject::kOrganization, SourceObject::kDeal,
        SourceObject::kActivity, SourceObject::kLead}) {
    if (entity == SourceObjectName(object) && !id.empty()) return Record{object, std::move(id)};
  }
  return std::nullopt;
}

// Waits for the answers to several appends.
class Answers {
 public:
  explicit Answers(size_t expected) : left_(expected) {}

  void Give(const absl::Status& status) {
    const std::lock_guard lock(mutex_);
    status_.Update(status);
    if (--left_ == 0) all_.notify_one();
  }
  absl::Status Wait() {
    std::unique_lock lock(mutex_);
    all_.wait(lock, [this] { return left_ == 0; });
    return status_;
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable all_;
  size_t left_;
  absl::Status status_;
};

// What one page of failures asks for.
struct Wishes {
  std::map<Record, int64_t> records;  // with the failure that asks for it
  std::vector<int64_t> contacts;      // keys
  std::vector<int64_t> failures;
};

absl::Status Reread(Intake& intake, std::string_view connection, const Wishes& wishes) {
  if (wishes.records.empty()) return absl::OkStatus();
  Answers answers(wishes.records.size());
  for (const auto& [record, failure] : wishes.records) {
    intake.Reread(connection, record.object, record.id, absl::StrCat(failure),
                  [&answers](const absl::StatusOr<store::Appended>& stored) {
                    answers.Give(stored.status());
                  });
  }
  return answers.Wait();
}

}  // namespace

absl::StatusOr<int64_t> FailureRetries::Retry(std::string_view connection, std::string_view run_id,
                                              const std::function<bool(const Failure&)>& matches) {
  std::set<Record> taken;
  std::set<int64_t> contacts_taken;
  int64_t before = 0;
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const std::vector<Failure> page,
                               store_.ListFailures(connection, run_id, before, kAtOnce));
    if (page.empty()) break;
    before = page.back().id;
    Wishes wishes;
    for (const Failure& failure : page) {
      if (!matches(failure)) continue;
      if (std::optional<Record> record = RecordOf(failure)) {
        if (taken.insert(*record).second) wishes.records.emplace(*std::move(record), failure.id);
      } else if (failure.entity == "contact") {
        CONNECTOR_ASSIGN_OR_RETURN(const std::optional<ContactState> contact,
                                   store_.FindContact(connection, {Identifier::Kind::kEmail,
                                                                   AsciiLower(failure.entity_id)}));
        if (!contact) continue;
        if (contacts_taken.insert(contact->key).second) wishes.contacts.push_back(contact->key);
      } else {
        continue;
      }
      wishes.failures.push_back(failure.id);
    }
    CONNECTOR_RETURN_IF_ERROR(Reread(intake_, connection, wishes));
    CONNECTOR_RETURN_IF_ERROR(
        store_.MarkContacts(connection, wishes.contacts, store::Urgency::kPrompt));
    CONNECTOR_RETURN_IF_ERROR(store_.DeleteFailures(connection, wishes.failures));
  }
  return static_cast<int64_t>(taken.size() + contacts_taken.size());
}

}  // namespace connector::worker
