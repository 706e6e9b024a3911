#include "sync/sweep.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "sync/deleted_contact.h"
#include "sync/person_news.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

using store::Sighted;

constexpr int64_t kAlwaysSwept = 5;
constexpr int64_t kMostAtOnce = 100;
constexpr int64_t kOneIn = 100;
// Stored records that are held against what was seen at a time.
constexpr int kComparedAtOnce = 1000;
// Where so many times more than may be swept were not shown, nobody is looked up: it is the list
// that is wrong, and each look costs a call.
constexpr int64_t kMostLooks = 10;

absl::Status Note(RunSession& session, Sighted what, std::vector<int64_t> ids) {
  return session.work().NoteSeen(session.lease(), what, std::move(ids));
}

// What could not be read was there.
template <typename Malformed>
void AddMalformed(const std::vector<Malformed>& records, std::vector<int64_t>& ids) {
  for (const Malformed& record : records) {
    int64_t id = 0;
    if (absl::SimpleAtoi(record.id, &id)) ids.push_back(id);
  }
}

struct Unseen {
  int64_t known = 0;
  int64_t unseen = 0;
};

// Sweeps one side. Implementations look up and take deletions.
class Sweeper {
 public:
  Sweeper(RunSession& session, Sighted what) : session_(session), what_(what) {}
  virtual ~Sweeper() = default;

  absl::Status Run() {
    CONNECTOR_ASSIGN_OR_RETURN(const Unseen count, Count());
    if (count.unseen == 0) return absl::OkStatus();
    if (session_.run().options.confirm_sweep) return TakeAll();
    const int64_t most = MostSwept(count.known);
    if (count.unseen > most * kMostLooks) return Ask(count, 0);
    std::vector<int64_t> gone;
    CONNECTOR_RETURN_IF_ERROR(EachHundred([&](const std::vector<int64_t>& ids) -> absl::Status {
      if (static_cast<int64_t>(gone.size()) > most) return absl::OkStatus();
      CONNECTOR_ASSIGN_OR_RETURN(const std::vector<int64_t> more, LookUp(ids));
      gone.insert(gone.end(), more.begin(), more.end());
      return absl::OkStatus();
    }));
    if (static_cast<int64_t>(gone.size()) > most) {
      return Ask(count, static_cast<int64_t>(gone.size()));
    }
    if (gone.empty()) return absl::OkStatus();
    CONNECTOR_RETURN_IF_ERROR(Take(gone));
    Tell(static_cast<int64_t>(gone.size()));
    return absl::OkStatus();
  }

 protected:
  // Of these at most 100, those that are certainly gone.
  virtual absl::StatusOr<std::vector<int64_t>> LookUp(const std::vector<int64_t>& ids) = 0;
  // Commits their deletion.
  virtual absl::Status Take(const std::vector<int64_t>& gone) = 0;

  RunSession& session_;

 private:
  std::string_view Vendor() const { return what_ == Sighted::kPersons ? "Pipedrive" : "Brevo"; }
  std::string_view Records() const { return what_ == Sighted::kPersons ? "persons" : "contacts"; }

  template <typename Use>
  absl::StatusOr<int64_t> EachPage(Use&& use) {
    int64_t known = 0;
    for (int64_t after = 0;;) {
      CONNECTOR_RETURN_IF_ERROR(session_.CheckGoOn());
      CONNECTOR_ASSIGN_OR_RETURN(
          const store::UnseenPage page,
          session_.work().UnseenAfter(session_.lease(), what_, after, kComparedAtOnce));
      if (page.compared == 0) return known;
      known += page.compared;
      after = page.last_id;
      CONNECTOR_RETURN_IF_ERROR(use(page.ids));
    }
  }

  absl::StatusOr<Unseen> Count() {
    Unseen count;
    CONNECTOR_ASSIGN_OR_RETURN(count.known, EachPage([&](const std::vector<int64_t>& ids) {
                                 count.unseen += static_cast<int64_t>(ids.size());
                                 return absl::OkStatus();
                               }));
    return count;
  }

  template <typename Use>
  absl::Status EachHundred(Use&& use) {
    return EachPage([&](const std::vector<int64_t>& ids) { return ReadByHundreds(ids, use); })
        .status();
  }

  absl::Status TakeAll() {
    int64_t taken = 0;
    CONNECTOR_RETURN_IF_ERROR(EachHundred([&](const std::vector<int64_t>& ids) -> absl::Status {
      CONNECTOR_ASSIGN_OR_RETURN(const std::vector<int64_t> gone, LookUp(ids));
      taken += static_cast<int64_t>(gone.size());
      return gone.empty() ? absl::OkStatus() : Take(gone);
    }));
    if (taken > 0) Tell(taken);
    return absl::OkStatus();
  }

  void Tell(int64_t gone) {
    session_.Warn(absl::StrCat(gone, " ", ToAbsl(Records()), " that ", ToAbsl(Vendor()),
                               " does not have any more, and of whose deletion no webhook told, ",
                               "are treated as deleted"));
  }

  absl::Status Ask(const Unseen& count, int64_t gone) {
    const std::string found = gone == 0 ? std::string("none was looked up")
                                        : absl::StrCat(gone, " were looked up and are gone");
    std::string text = absl::StrCat(
        ToAbsl(Vendor()), " did not show ", count.unseen, " of ", count.known, " known ",
        ToAbsl(Records()), " (", found,
        "); that is more than is taken for deleted without asking, and nothing was done. If the "
        "token may still see everything and they were deleted, run `sync persons --full "
        "--confirm-sweep`");
    session_.CountFailure(FailureReason::kAmbiguous);
    const Failure failure{.run_id = session_.run().id,
                          .entity = "sweep",
                          .entity_id = std::string(Records()),
                          .reason = FailureReason::kAmbiguous,
                          .detail = text};
    session_.Warn(std::move(text));
    return session_.work().RecordFailures(session_.connection(), {failure});
  }

  const Sighted what_;
};

class PersonSweeper : public Sweeper {
 public:
  PersonSweeper(const Accounts& accounts, const Planning& planning, RunSession& session)
      : Sweeper(session, Sighted::kPersons),
        accounts_(accounts),
        planning_(planning),
        context_(session.PipedriveContext()) {}

 protected:
  absl::StatusOr<std::vector<int64_t>> LookUp(const std::vector<int64_t>& ids) override {
    PersonNews news(accounts_, planning_, context_);
    for (const int64_t id : ids) news.ReadAgain(id);
    store::IngestBatch found;
    found.bulk = true;
    CONNECTOR_RETURN_IF_ERROR(news.Resolve(found.failures));
    std::move(news).MoveTo(found);
    const std::vector<int64_t> gone = std::exchange(found.gone_persons, {});
    // Made while the run was reading: what there is to see of them is as good as a page.
    if (!found.persons.empty()) CONNECTOR_RETURN_IF_ERROR(Fold(found));
    return gone;
  }

  absl::Status Take(const std::vector<int64_t>& gone) override {
    store::IngestBatch batch;
    batch.gone_persons = gone;
    batch.bulk = true;
    return Fold(batch);
  }

 private:
  absl::Status Fold(const store::IngestBatch& batch) {
    return session_.work().FinishIngest(session_.connection(), "", batch).status();
  }

  const Accounts& accounts_;
  const Planning& planning_;
  const http::CallContext context_;
};

class ContactSweeper : public Sweeper {
 public:
  ContactSweeper(const Accounts& accounts, RunSession& session)
      : Sweeper(session, Sighted::kContacts),
        accounts_(accounts),
        context_(session.BrevoContext()) {}

 protected:
  absl::StatusOr<std::vector<int64_t>> LookUp(const std::vector<int64_t>& ids) override {
    std::vector<int64_t> gone;
    for (const int64_t id : ids) {
      CONNECTOR_RETURN_IF_ERROR(session_.CheckGoOn());
      const absl::Status seen =
          accounts_.brevo.GetContact({brevo::ContactId::Type::kBrevoId, absl::StrCat(id)}, context_)
              .status();
      if (absl::IsNotFound(seen)) {
        gone.push_back(id);
        continue;
      }
      const Reaction reaction = ReactionOf(seen);
      if (seen.ok() || reaction == Reaction::kFailRecord || reaction == Reaction::kNone) continue;
      return seen;
    }
    return gone;
  }

  absl::Status Take(const std::vector<int64_t>& gone) override {
    store::IngestBatch batch;
    batch.bulk = true;
    for (const int64_t id : gone) {
      CONNECTOR_ASSIGN_OR_RETURN(const auto state,
                                 session_.work().FindContactById(session_.connection(), id));
      if (!state) continue;
      store::ContactNews& news = batch.contact_news.emplace_back();
      news.contact = state->key;
      news.fold = [id](ContactState& now, bool) {
        store::ContactNews::Outcome outcome;
        outcome.mark = now.brevo_id == id && TakeDeletion(now);
        return outcome;
      };
    }
    return session_.work().FinishIngest(session_.connection(), "", batch).status();
  }

 private:
  const Accounts& accounts_;
  const http::CallContext context_;
};

}  // namespace

int64_t MostSwept(int64_t known) { return std::clamp(known / kOneIn, kAlwaysSwept, kMostAtOnce); }

absl::Status NoteSeen(RunSession& session, const pipedrive::Page<Person>& page) {
  std::vector<int64_t> ids;
  for (const Person& person : page.records) ids.push_back(person.id);
  AddMalformed(page.malformed, ids);
  return Note(session, Sighted::kPersons, std::move(ids));
}

absl::Status NoteSeen(RunSession& session, const brevo::ContactPage& page) {
  std::vector<int64_t> ids;
  for (const Contact& contact : page.contacts) ids.push_back(contact.id);
  AddMalformed(page.malformed, ids);
  return Note(session, Sighted::kContacts, std::move(ids));
}

absl::Status Sweep(const Accounts& accounts, const Planning& planning, RunSession& session) {
  // A contact that is gone needs no deletion when its person is gone, too.
  CONNECTOR_RETURN_IF_ERROR(ContactSweeper(accounts, session).Run());
  return PersonSweeper(accounts, planning, session).Run();
}

}  // namespace connector::sync
