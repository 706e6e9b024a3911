#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "support/sync_fixture.h"
#include "sync/plan_batch.h"
#include "sync/tally.h"

namespace connector::sync {

// Persons in the store whose contacts are dirty, and a run that is about to write them.
class ConvergeFixture : public connector::testing::SyncFixture {
 protected:
  // Starts the run; `unseen` is what is known of contacts nobody has seen.
  void Ingest(Existence unseen = Existence::kAbsent) {
    planning = MakePlanning();
    accounts = std::make_unique<Accounts>(MakeAccounts());
    if (!session) session = StartRun();
    tally = std::make_unique<Tally>(metrics, settings.connection, session.get());
    const auto fold = [this](const std::optional<ContactState>& known, const Contact& seen) {
      return FoldContact(planning, known, seen, nullptr);
    };
    std::vector<Contact> shown;
    for (const auto& [id, contact] : brevo.contacts) shown.push_back(contact);
    ASSERT_TRUE(store->FinishContactsPage(session->Update(), {}, shown, fold).ok());
    std::vector<store::PersonRow> rows;
    for (const auto& [id, person] : pipedrive.persons) {
      rows.push_back({person, mapping::ChooseEmail(person).email, planning.ExtIdOf(id),
                      settings.contacts_without_email});
    }
    ASSERT_TRUE(store->FinishPersonsPage(session->Update(), {}, rows, unseen, true).ok());
    ForgetCalls();
  }

  std::vector<PlannedContact> Lease() {
    auto bundles = store->LeaseContacts(settings.connection, {.run_id = session->run().id}, "me",
                                        clock.Now(), std::chrono::minutes(1));
    EXPECT_TRUE(bundles.ok()) << bundles.status();
    auto planned = PlanBatch(*accounts, planning, *store, *std::move(bundles));
    EXPECT_TRUE(planned.ok()) << planned.status();
    return *std::move(planned);
  }
  int64_t Dirty() { return *store->CountMarks(settings.connection, session->run().id); }
  const RunProgress& progress() { return session->progress(); }

  Planning planning;
  std::unique_ptr<Accounts> accounts;
  std::unique_ptr<RunSession> session;
  std::unique_ptr<Tally> tally;
};

}  // namespace connector::sync
