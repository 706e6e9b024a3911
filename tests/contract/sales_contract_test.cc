// Leads, and what was told of activities.

#include "contract/store_contract.h"

namespace connector::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Told = ActivityChange::Told;

Time At(int64_t second) { return Time(std::chrono::seconds(second)); }

OutboxEvent MakeEvent(const std::string& key) {
  OutboxEvent event;
  event.key = key;
  event.person_id = 1;
  event.name = "told";
  return event;
}

// Its events are "<id> added <second>" and so on.
ActivityChange MakeChange(int64_t id, int64_t second, Told told, bool may_be_new = true) {
  ActivityChange change;
  change.id = id;
  change.update_time = At(second);
  change.told = told;
  change.may_be_new = may_be_new;
  const auto event = [&](const char* what) {
    return std::vector{MakeEvent(std::to_string(id) + " " + what + " " + std::to_string(second))};
  };
  change.if_added = event("added");
  change.if_changed = event("changed");
  change.if_deleted = event("deleted");
  return change;
}

class ActivitiesContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    lease_ = Start("run", RunKind::kActivities);
  }
  ActivityFold Fold(const std::vector<ActivityChange>& page) {
    const auto fold =
        store_->FinishActivitiesPage({lease_, {}}, "activities", {"next", false}, page);
    EXPECT_TRUE(fold.ok()) << fold.status();
    return fold.value_or(ActivityFold{});
  }
  // The keys of what is new in the outbox.
  std::vector<std::string> News() {
    std::vector<std::string> keys;
    while (true) {
      const auto leased = store_->LeaseOutbox(kConnection, "o", clock_.Now(), kMinute, 100);
      EXPECT_TRUE(leased.ok()) << leased.status();
      if (!leased.ok() || leased->empty()) return keys;
      OutboxSettlement settlement;
      for (const LeasedOutboxEvent& event : *leased) {
        keys.push_back(event.event.key);
        settlement.done.push_back(event.id);
      }
      EXPECT_TRUE(store_->SettleOutbox(kConnection, "o", settlement).ok());
    }
  }
  RunLease lease_;
};
CONNECTOR_ON_ALL_STORES(ActivitiesContract);

TEST_P(ActivitiesContract, TellsOnceWhatIsNews) {
  struct Row {
    const char* what;
    std::vector<ActivityChange> changes;
    std::vector<std::string> events;
  };
  const Row rows[] = {
      {"seen twice", {MakeChange(1, 5, Told::kSeen), MakeChange(1, 5, Told::kSeen)}, {"1 added 5"}},
      {"added, then seen",
       {MakeChange(2, 5, Told::kAdded), MakeChange(2, 5, Told::kSeen)},
       {"2 added 5"}},
      {"seen, then a late webhook",
       {MakeChange(3, 7, Told::kSeen), MakeChange(3, 5, Told::kAdded)},
       {"3 added 7"}},
      {"added, then seen changed, then told",
       {MakeChange(4, 5, Told::kAdded), MakeChange(4, 7, Told::kSeen),
        MakeChange(4, 7, Told::kChanged)},
       {"4 added 5", "4 changed 7"}},
      {"changed, then its addition comes late",
       {MakeChange(5, 7, Told::kChanged), MakeChange(5, 5, Told::kAdded)},
       {"5 changed 7", "5 added 5"}},
      {"an old one that was changed",
       {MakeChange(6, 7, Told::kSeen, false), MakeChange(6, 7, Told::kSeen, false)},
       {"6 changed 7"}},
      {"what was changed and not added before is seen",
       {MakeChange(7, 7, Told::kChanged), MakeChange(7, 7, Told::kSeen)},
       {"7 changed 7", "7 added 7"}},
      {"nothing after a deletion",
       {MakeChange(8, 5, Told::kDeleted), MakeChange(8, 5, Told::kDeleted),
        MakeChange(8, 6, Told::kChanged), MakeChange(8, 6, Told::kSeen)},
       {"8 deleted 5"}},
      {"an older state is seen",
       {MakeChange(9, 7, Told::kAdded), MakeChange(9, 6, Told::kSeen)},
       {"9 added 7"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    for (const ActivityChange& change : row.changes) Fold({change});
    EXPECT_EQ(News(), row.events);
  }
}

TEST_P(ActivitiesContract, RemembersLongerThanTheOutboxKeepsItsKeys) {
  Fold({MakeChange(1, 5, Told::kSeen)});
  EXPECT_THAT(News(), ElementsAre("1 added 5"));
  clock_.Advance(std::chrono::hours(24 * 40));
  ASSERT_OK(store_->Prune(clock_.Now() - std::chrono::hours(24 * 30)));
  EXPECT_EQ(Fold({MakeChange(1, 5, Told::kSeen)}).unchanged, 1);
  EXPECT_THAT(News(), IsEmpty());
}

TEST_P(ActivitiesContract, CommitsCountsAndPlaceTogether) {
  const ActivityFold fold =
      Fold({MakeChange(1, 5, Told::kSeen), MakeChange(2, 5, Told::kSeen, false)});
  EXPECT_EQ(fold.added, 1);
  EXPECT_EQ(fold.changed, 1);
  EXPECT_EQ(store_->GetCursor(lease_, "activities")->value, "next");
  const auto run = store_->GetRun(kConnection, "run");
  ASSERT_OK(run);
  EXPECT_EQ(run->progress.created, 1);
  EXPECT_EQ(run->progress.updated, 1);
  const RunLease stranger{lease_.connection, lease_.run_id, "stranger"};
  EXPECT_CODE(store_->FinishActivitiesPage({stranger, {}}, "activities", {"x", true},
                                           {MakeChange(3, 5, Told::kSeen)}),
              kFailedPrecondition);
  EXPECT_EQ(News().size(), 2U) << "nothing of the refused page is there";
}

Lead MakeLead(const std::string& id, std::optional<int64_t> person, int64_t updated = 1) {
  Lead lead;
  lead.id = id;
  lead.title = "Lead " + id;
  lead.person_id = person;
  lead.source_name = "API";
  lead.label_ids = {"hot"};
  lead.value = Monetary{12.5, "EUR"};
  lead.add_time = At(1);
  lead.update_time = At(updated);
  return lead;
}

class LeadsContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    lease_ = Start("run", RunKind::kLeads);
    ASSERT_OK(store_->SetWatermark(kConnection, kLeadsSince, "2026-11-24T00:00:00Z"));
    PersonRow a = MakePerson(1, "a@x.org");
    PersonRow b = MakePerson(2, "b@x.org");
    PersonRow c = MakePerson(3, "c@x.org");
    a.person.org_id = 7;
    b.person.org_id = 7;
    FoldPersons(lease_, {a, b, c});
    Bundles();
  }
  LeadFold Fold(const std::vector<Lead>& page, bool sees_all = false) {
    const auto fold =
        store_->FinishLeadsPage({lease_, {}}, "leads", {"next", false}, page, sees_all);
    EXPECT_TRUE(fold.ok()) << fold.status();
    return fold.value_or(LeadFold{});
  }
  std::vector<ContactBundle> Bundles() {
    const auto bundles = LeaseDirty("run");
    for (const ContactBundle& bundle : bundles) EXPECT_TRUE(Settle(bundle).ok());
    return bundles;
  }
  std::vector<std::string> Marked() { return EmailsOf(Bundles()); }
  RunLease lease_;
};
CONNECTOR_ON_ALL_STORES(LeadsContract);

TEST_P(LeadsContract, TellsFreshChangedUnchangedAndStaleLeads) {
  EXPECT_EQ(Fold({MakeLead("l", 1, 10)}).fresh, 1);
  EXPECT_EQ(Fold({MakeLead("l", 1, 10)}).unchanged, 1);
  EXPECT_EQ(Fold({MakeLead("l", 2, 11)}).changed, 1);
  EXPECT_EQ(Fold({MakeLead("l", 1, 10)}).stale, 1);
  const auto stored = store_->FindLead(kConnection, "l");
  ASSERT_OK(stored);
  EXPECT_EQ(**stored, MakeLead("l", 2, 11));
  EXPECT_EQ(*store_->FindLead(kConnection, "other"), std::nullopt);
}

TEST_P(LeadsContract, MarksTheContactsBeforeAndAfter) {
  struct Row {
    const char* what;
    std::function<void(Lead&)> change;
    std::vector<std::string> marked;
  };
  const Row rows[] = {
      {"title", [](Lead& l) { l.title = "Other"; }, {"a@x.org"}},
      {"person", [](Lead& l) { l.person_id = 3; }, {"a@x.org", "c@x.org"}},
      {"an organization beside it", [](Lead& l) { l.org_id = 7; }, {"c@x.org"}},
      {"the organization alone",
       [](Lead& l) { l.person_id.reset(); },
       {"a@x.org", "b@x.org", "c@x.org"}},
      {"archived", [](Lead& l) { l.is_archived = true; }, {"a@x.org", "b@x.org"}},
      {"another title", [](Lead& l) { l.title = "Archived"; }, {}},
      {"back again", [](Lead& l) { l.is_archived = false; }, {"a@x.org", "b@x.org"}},
      {"deleted", [](Lead& l) { l.is_deleted = true; }, {"a@x.org", "b@x.org"}},
  };
  Lead lead = MakeLead("l", 1);
  Fold({lead});
  EXPECT_THAT(Marked(), ElementsAre("a@x.org"));
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    row.change(lead);
    Fold({lead});
    EXPECT_EQ(Marked(), row.marked);
  }
}

TEST_P(LeadsContract, ABundleHoldsWhatIsOpenForEachPerson) {
  Lead archived = MakeLead("archived", 1);
  archived.is_archived = true;
  Lead newer = MakeLead("newer", 1);
  newer.add_time = At(9);
  Lead of_organization = MakeLead("org", std::nullopt);
  of_organization.org_id = 7;
  Fold({MakeLead("older", 1), newer, archived, of_organization});
  const auto bundle = store_->BundleOfPerson(kConnection, 1);
  ASSERT_OK(bundle);
  ASSERT_TRUE((*bundle)->leads_known);
  ASSERT_EQ((*bundle)->leads.size(), 1U);
  EXPECT_EQ((*bundle)->leads[0].open, 3);
  EXPECT_EQ((*bundle)->leads[0].newest, newer);
  EXPECT_EQ((*store_->BundleOfPerson(kConnection, 2))->leads[0].newest, of_organization);
  EXPECT_EQ((*store_->BundleOfPerson(kConnection, 3))->leads[0], LeadFacts{});
  ASSERT_OK(store_->SetWatermark(kConnection, kLeadsSince, ""));
  EXPECT_FALSE((*store_->BundleOfPerson(kConnection, 1))->leads_known);
}

TEST_P(LeadsContract, NamesThoseThatNoListShowed) {
  Fold({MakeLead("a", 1), MakeLead("b", 1), MakeLead("c", 1)}, /*sees_all=*/false);
  Fold({MakeLead("b", 1)}, /*sees_all=*/true);
  EXPECT_THAT(*store_->LeadsNotSeen(lease_, "", 10), ElementsAre("a", "c"));
  EXPECT_THAT(*store_->LeadsNotSeen(lease_, "a", 10), ElementsAre("c"));
  Lead gone = MakeLead("a", 1);
  gone.is_deleted = true;
  Fold({gone});
  EXPECT_THAT(*store_->LeadsNotSeen(lease_, "", 10), ElementsAre("c"));
}

}  // namespace
}  // namespace connector::store
