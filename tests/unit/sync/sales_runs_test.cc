// Runs of organizations, activities and leads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sync_fixture.h"
#include "sync/activities_run.h"
#include "sync/leads_run.h"
#include "sync/organizations_run.h"

namespace connector::sync {
namespace {

using connector::testing::FakeBrevo;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr int64_t kQualified = 61;

class SalesRunsTest : public connector::testing::SyncFixture {
 protected:
  SalesRunsTest() { clock.Advance(std::chrono::hours(24 * 365)); }

  void Later() { clock.Advance(std::chrono::minutes(10)); }

  RunProgress Sync(RunKind kind, RunOptions options = {}) {
    return RunWhole(std::move(options), kind,
                    kind == RunKind::kActivities ? RunActivities
                    : kind == RunKind::kLeads    ? RunLeads
                                                 : RunOrganizations);
  }
  // The run is cut off when it is about to make this call, and another runner goes on with it.
  RunProgress CutOffAt(RunKind kind, const std::string& call) {
    const auto session = StartRun(Full(), kind);
    const Accounts accounts = MakeAccounts();
    pipedrive.on_call = [call](const std::string& made) {
      return made == call ? absl::UnavailableError("killed") : absl::OkStatus();
    };
    const auto run = kind == RunKind::kActivities ? RunActivities
                     : kind == RunKind::kLeads    ? RunLeads
                                                  : RunOrganizations;
    EXPECT_TRUE(absl::IsUnavailable(run(accounts, *session)));
    pipedrive.on_call = nullptr;
    clock.Advance(kLease + std::chrono::seconds(1));
    const auto taken = TakeRun();
    const absl::Status done = run(accounts, *taken);
    EXPECT_TRUE(done.ok()) << done;
    End(*taken, RunState::kSucceeded);
    return taken->progress();
  }
  // Events that wait, as "name person status", in their order; each once.
  std::vector<OutboxEvent> TakeEvents() {
    std::vector<OutboxEvent> events;
    while (true) {
      const auto leased = store->LeaseOutbox(settings.connection, "o", clock.Now(), kLease, 100);
      EXPECT_TRUE(leased.ok()) << leased.status();
      if (!leased.ok() || leased->empty()) return events;
      store::OutboxSettlement settlement;
      for (const store::LeasedOutboxEvent& event : *leased) {
        EXPECT_TRUE(event.contact.has_value());
        events.push_back(event.event);
        settlement.done.push_back(event.id);
      }
      EXPECT_TRUE(store->SettleOutbox(settings.connection, "o", settlement).ok());
    }
  }
  static Value Property(const OutboxEvent& event, std::string_view name) {
    for (const auto& [key, value] : event.event_properties) {
      if (key == name) return value;
    }
    return {};
  }
};

class ActivitiesRunTest : public SalesRunsTest {
 protected:
  ActivitiesRunTest() {
    settings.activities = true;
    settings.event_rules.rules = {
        {SourceAction::kCreated, SourceObject::kActivity, "activity_logged"},
        {SourceAction::kChanged, SourceObject::kActivity, "activity_changed"}};
    pipedrive.Put(1, "ann@x.io");
    pipedrive.Put(2, "bob@x.io", "Bob");
  }
  RunProgress Activities(RunOptions options = {}) {
    return Sync(RunKind::kActivities, std::move(options));
  }
};

TEST_F(ActivitiesRunTest, TellsOnlyNewOnesUnlessABackfillIsAskedFor) {
  pipedrive.PutActivity(1, 1);
  RunAll();
  Later();
  ForgetCalls();
  RunProgress first = Activities();
  EXPECT_EQ(first.read, 0);
  EXPECT_THAT(pipedrive.calls, ElementsAre("activities since"));
  EXPECT_THAT(TakeEvents(), IsEmpty());

  Later();
  pipedrive.PutActivity(2, 1);
  const RunProgress second = Activities();
  EXPECT_EQ(second.created, 1);
  const std::vector<OutboxEvent> events = TakeEvents();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].name, "activity_logged");
  EXPECT_EQ(events[0].person_id, 1);
  EXPECT_EQ(Property(events[0], "type"), Value{"call"});
  EXPECT_EQ(Property(events[0], "status"), Value{"planned"});
  EXPECT_EQ(Property(events[0], "primary"), Value{true});

  Later();
  ForgetCalls();
  EXPECT_EQ(Activities(Full()).unchanged, 1);
  Activities();
  EXPECT_THAT(TakeEvents(), IsEmpty()) << "nothing twice";
  EXPECT_THAT(brevo.calls, IsEmpty());
}

TEST_F(ActivitiesRunTest, ABackfillTellsWhatWasAddedWithinItAndNothingOlder) {
  settings.activity_backfill = std::chrono::hours(24);
  pipedrive.PutActivity(1, 1);
  clock.Advance(std::chrono::hours(48));
  pipedrive.PutActivity(2, 1);
  pipedrive.PutActivity(3, 2, /*done=*/true);
  clock.Advance(std::chrono::hours(3));
  RunAll();
  const RunProgress progress = Activities();
  EXPECT_EQ(progress.created, 2);
  EXPECT_EQ(progress.read, 2);
  EXPECT_THAT(TakeEvents(), SizeIs(2));
}

TEST_F(ActivitiesRunTest, AChangeIsToldOnceWhoeverTellsItFirst) {
  RunAll();
  Activities();
  Later();
  pipedrive.PutActivity(1, 1);
  Activities();
  TakeEvents();
  Later();
  pipedrive.PutActivity(1, 1, /*done=*/true);
  EXPECT_EQ(Activities().updated, 1);
  const std::vector<OutboxEvent> events = TakeEvents();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].name, "activity_changed");
  EXPECT_EQ(Property(events[0], "status"), Value{"done"});
  EXPECT_EQ(events[0].key, SourceEventKey("activity", "1", SourceAction::kChanged, clock.Now()) +
                               "/activity_changed/1")
      << "as a webhook of the same change has it";
}

TEST_F(ActivitiesRunTest, ParticipantsAreAllOrThePrimaryOne) {
  RunAll();
  Activities();
  Later();
  pipedrive.PutActivity(1, 2).participants = {1, 2};
  Activities();
  std::vector<OutboxEvent> events = TakeEvents();
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(Property(events[0], "primary"), Value{false});
  EXPECT_EQ(Property(events[1], "primary"), Value{true});

  settings.event_rules.primary_participants_only = true;
  Later();
  pipedrive.PutActivity(2, 2).participants = {1, 2};
  Activities();
  events = TakeEvents();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].person_id, 2);
}

TEST_F(ActivitiesRunTest, PersonsNobodyHasBroughtAreRead) {
  RunAll();
  Activities();
  Later();
  pipedrive.Put(3, "new@x.io", "New");
  pipedrive.PutActivity(1, 3);
  Activities();
  ASSERT_NE(brevo.Find("new@x.io"), nullptr);
  EXPECT_THAT(TakeEvents(), SizeIs(1));
}

TEST_F(ActivitiesRunTest, NamedOnesAreToldHoweverOldTheyAre) {
  pipedrive.PutActivity(1, 1);
  pipedrive.PutActivity(2, 1);
  RunAll();
  Later();
  Activities();
  RunOptions options;
  options.ids = {2};
  EXPECT_EQ(Activities(options).created, 1);
  EXPECT_EQ(Activities(options).created, 0);
  EXPECT_THAT(TakeEvents(), SizeIs(1));
}

TEST_F(ActivitiesRunTest, ADryRunTellsNothing) {
  settings.activity_backfill = std::chrono::hours(24);
  RunAll();
  pipedrive.PutActivity(1, 1);
  RunOptions options;
  options.dry_run = true;
  EXPECT_EQ(Activities(options).created, 1);
  EXPECT_THAT(TakeEvents(), IsEmpty());
  EXPECT_EQ(Activities().created, 1) << "and remembers nothing";
}

TEST_F(ActivitiesRunTest, WithoutARuleNothingIsRead) {
  settings.event_rules.rules.clear();
  ForgetCalls();
  const RunProgress progress = Activities();
  EXPECT_THAT(progress.warnings, ElementsAre(HasSubstr("webhooks")));
  EXPECT_THAT(pipedrive.calls, IsEmpty());
}

TEST_F(ActivitiesRunTest, OneThatIsCutOffGoesOnAndTellsNothingTwice) {
  settings.activity_backfill = std::chrono::hours(24);
  RunAll();
  pipedrive.page_size = 3;
  for (int64_t id = 1; id <= 10; ++id) pipedrive.PutActivity(id, 1 + id % 2);
  const RunProgress progress = CutOffAt(RunKind::kActivities, "activities since@6");
  EXPECT_EQ(progress.created, 10);
  EXPECT_THAT(TakeEvents(), SizeIs(10));
}

class LeadsRunTest : public SalesRunsTest {
 protected:
  LeadsRunTest() {
    settings.leads = true;
    settings.qualified_leads_list = kQualified;
    settings.person_mapping = {
        Rule("first_name", "FIRSTNAME"),    Rule("lead.title", "LEAD"),
        Rule("lead.value", "LEAD_VALUE"),   Rule("lead.labels", "LEAD_LABELS"),
        Rule("lead.source", "LEAD_SOURCE"), Rule("open_leads_count", "LEADS")};
    for (const char* name : {"LEAD", "LEAD_LABELS", "LEAD_SOURCE"}) {
      brevo.attributes.push_back({name, "normal", AttributeType::kText, {}});
    }
    for (const char* name : {"LEAD_VALUE", "LEADS"}) {
      brevo.attributes.push_back({name, "normal", AttributeType::kNumber, {}});
    }
    brevo.lists.push_back({kQualified, "Qualified leads"});
    pipedrive.Put(1, "ann@x.io");
    pipedrive.Put(2, "bob@x.io", "Bob");
  }
  RunProgress Leads(RunOptions options = {}) { return Sync(RunKind::kLeads, std::move(options)); }
  bool IsQualified(std::string_view email) {
    const Contact* contact = brevo.Find(email);
    return contact != nullptr && std::find(contact->list_ids.begin(), contact->list_ids.end(),
                                           kQualified) != contact->list_ids.end();
  }
  std::string Get(std::string_view email, std::string_view attribute) {
    const Contact* contact = brevo.Find(email);
    return contact != nullptr ? ToText(FakeBrevo::Get(*contact, attribute)) : "(no contact)";
  }
};

TEST_F(LeadsRunTest, AContactIsQualifiedWhileALeadIsOpen) {
  Lead& lead = pipedrive.PutLead("l1", 1);
  lead.value = Monetary{250, "EUR"};
  lead.label_ids = {"hot", "unknown"};
  lead.source_name = "Web";
  RunAll();
  EXPECT_EQ(Leads().read, 1);
  EXPECT_TRUE(IsQualified("ann@x.io"));
  EXPECT_FALSE(IsQualified("bob@x.io"));
  EXPECT_EQ(Get("ann@x.io", "LEAD"), "Lead l1");
  EXPECT_EQ(Get("ann@x.io", "LEAD_VALUE"), "250");
  EXPECT_EQ(Get("ann@x.io", "LEAD_LABELS"), "Hot");
  EXPECT_EQ(Get("ann@x.io", "LEAD_SOURCE"), "Web");
  EXPECT_EQ(Get("ann@x.io", "LEADS"), "1");

  Later();
  pipedrive.leads["l1"].is_archived = true;
  pipedrive.leads["l1"].update_time = clock.Now();
  Leads();
  EXPECT_FALSE(IsQualified("ann@x.io")) << "archived";
  EXPECT_EQ(Get("ann@x.io", "LEAD"), "");
  EXPECT_EQ(Get("ann@x.io", "LEADS"), "0");

  Later();
  pipedrive.PutLead("l2", 1);
  Leads();
  EXPECT_TRUE(IsQualified("ann@x.io"));
  pipedrive.leads["l2"].is_deleted = true;
  Later();
  Leads();
  EXPECT_TRUE(IsQualified("ann@x.io")) << "no list of changes shows a deletion";
  Leads(Full());
  EXPECT_FALSE(IsQualified("ann@x.io")) << "deleted, or converted";
}

TEST_F(LeadsRunTest, TheNewestOpenLeadGivesTheFields) {
  pipedrive.PutLead("l1", 1);
  Later();
  pipedrive.PutLead("l2", 1);
  RunAll();
  Leads();
  EXPECT_EQ(Get("ann@x.io", "LEAD"), "Lead l2");
  EXPECT_EQ(Get("ann@x.io", "LEADS"), "2");
}

TEST_F(LeadsRunTest, ALeadOfAnOrganizationIsOneOfItsPersons) {
  pipedrive.persons.at(1).org_id = 7;
  pipedrive.persons.at(2).org_id = 7;
  pipedrive.organizations[7] = {.id = 7, .name = "Acme"};
  pipedrive.PutLead("l1", 0).org_id = 7;
  RunAll();
  Leads();
  EXPECT_TRUE(IsQualified("ann@x.io"));
  EXPECT_TRUE(IsQualified("bob@x.io"));
  settings.leads_of_organizations = false;
  Leads(Full());
  EXPECT_FALSE(IsQualified("ann@x.io"));
}

TEST_F(LeadsRunTest, ASecondRunReadsChangesOnlyAndWritesNothing) {
  pipedrive.PutLead("l1", 1);
  RunAll();
  Later();
  Leads();
  Later();
  ForgetCalls();
  EXPECT_EQ(Leads().read, 0);
  EXPECT_THAT(pipedrive.calls, ElementsAre("leads since", "archived leads since"));
  EXPECT_THAT(brevo.calls, IsEmpty());
  Leads(Full());
  EXPECT_THAT(brevo.calls, IsEmpty());
}

TEST_F(LeadsRunTest, WhileLeadsAreNotKnownNobodyLeaves) {
  pipedrive.PutLead("l1", 1);
  RunAll();
  Leads();
  ASSERT_TRUE(IsQualified("ann@x.io"));
  settings.leads = false;
  pipedrive.Put(1, "ann@x.io", "Anna");
  RunAll(Full());
  EXPECT_EQ(FirstName("ann@x.io"), "Anna");
  EXPECT_TRUE(IsQualified("ann@x.io"));
}

TEST_F(LeadsRunTest, OneThatIsCutOffGoesOn) {
  RunAll();
  pipedrive.page_size = 3;
  for (int id = 10; id < 20; ++id) pipedrive.PutLead(absl::StrCat("l", id), 1 + id % 2);
  EXPECT_EQ(CutOffAt(RunKind::kLeads, "leads@6").read, 10);
  EXPECT_EQ(Get("ann@x.io", "LEADS"), "5");
  EXPECT_EQ(Get("bob@x.io", "LEADS"), "5");
}

class OrganizationsRunTest : public SalesRunsTest {
 protected:
  OrganizationsRunTest() {
    for (int64_t id = 1; id <= 60; ++id) {
      Person& person = pipedrive.Put(id, absl::StrCat("p", id, "@x.io"));
      person.org_id = id <= 55 ? 7 : 8;
    }
    for (const auto& [id, name] : {std::pair{7, "Acme"}, {8, "Bolt"}}) {
      pipedrive.organizations[id] = {
          .id = id, .name = name, .update_time = clock.Now() - std::chrono::hours(1)};
    }
    brevo.attributes.push_back({"COMPANY", "normal", AttributeType::kText, {}});
  }
  RunProgress Organizations(RunOptions options = {}) {
    return Sync(RunKind::kOrganizations, std::move(options));
  }
  std::string Company(std::string_view email) {
    const Contact* contact = brevo.Find(email);
    return contact != nullptr ? ToText(FakeBrevo::Get(*contact, "COMPANY")) : "(no contact)";
  }
  void Rename(int64_t id, const std::string& name) {
    pipedrive.organizations[id].name = name;
    pipedrive.organizations[id].update_time = clock.Now();
  }
};

TEST_F(OrganizationsRunTest, ARenamedOneReachesAllItsPersonsByTheCheapestRoad) {
  RunAll();
  Organizations();
  Later();
  Rename(7, "Acme Ltd");
  clock.Advance(std::chrono::minutes(2));
  ForgetCalls();
  const RunProgress progress = Organizations();
  EXPECT_EQ(progress.read, 1);
  EXPECT_EQ(progress.updated, 55);
  EXPECT_EQ(Company("p1@x.io"), "Acme Ltd");
  EXPECT_EQ(Company("p60@x.io"), "Bolt");
  EXPECT_THAT(pipedrive.calls, ElementsAre("organizations since"));
  EXPECT_THAT(brevo.calls, Contains(HasSubstr("import")).Times(1)) << "for 55 contacts";
  EXPECT_THAT(brevo.calls, Not(Contains(HasSubstr("update"))));

  Later();
  ForgetCalls();
  EXPECT_EQ(Organizations().read, 0);
  Organizations(Full());
  EXPECT_THAT(brevo.calls, IsEmpty());
}

TEST_F(OrganizationsRunTest, ADeletedOneIsFoundByAFullRun) {
  RunAll();
  Organizations();
  pipedrive.organizations.erase(8);
  Later();
  Organizations();
  EXPECT_EQ(Company("p60@x.io"), "Bolt");
  Organizations(Full());
  EXPECT_EQ(Company("p60@x.io"), "");
}

TEST_F(OrganizationsRunTest, OnlyNamedOnes) {
  RunAll();
  Organizations();
  Later();
  Rename(7, "A");
  Rename(8, "B");
  RunOptions options;
  options.ids = {8};
  Organizations(options);
  EXPECT_EQ(Company("p60@x.io"), "B");
  EXPECT_EQ(Company("p1@x.io"), "Acme");
}

TEST_F(OrganizationsRunTest, WithoutAMappedFieldNothingIsRead) {
  settings.person_mapping = {Rule("first_name", "FIRSTNAME")};
  const RunProgress progress = Organizations();
  EXPECT_THAT(progress.warnings, Contains(HasSubstr("org_id.name")));
  EXPECT_EQ(progress.pages, 0);
}

}  // namespace
}  // namespace connector::sync
