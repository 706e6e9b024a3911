#include "cli/live_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

namespace connector::cli {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// Answers with values that a test may change.
class FakePipedrive : public pipedrive::Client {
 public:
  absl::StatusOr<pipedrive::Page<Person>> ListPersons(const pipedrive::PersonsQuery&,
                                                      const std::string&,
                                                      const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<pipedrive::Page<Organization>> ListOrganizations(
      const pipedrive::OrganizationsQuery&, const std::string&, const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<pipedrive::Page<Deal>> ListDeals(const pipedrive::DealsQuery&, const std::string&,
                                                  const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<Deal> GetDeal(int64_t, const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<pipedrive::Page<Activity>> ListActivities(const pipedrive::ActivitiesQuery&,
                                                           const std::string&,
                                                           const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<pipedrive::Page<Lead>> ListLeads(const pipedrive::LeadsQuery&, const std::string&,
                                                  const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<Lead> GetLead(const std::string&, const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<std::vector<FieldOption>> ListLeadLabels(const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<std::vector<Pipeline>> ListPipelines(const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<std::vector<Stage>> ListStages(const http::CallContext&) override {
    return stages;
  }
  absl::StatusOr<std::vector<Currency>> ListCurrencies(const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<std::vector<PipedriveField>> ListPersonFields(const http::CallContext&) override {
    if (!fields_status.ok()) return fields_status;
    return person_fields;
  }
  absl::StatusOr<std::vector<PipedriveField>> ListOrganizationFields(
      const http::CallContext&) override {
    return std::vector<PipedriveField>{};
  }
  absl::StatusOr<SearchPage> Search(const SearchQuery&, const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<PipedriveAccount> GetAccount(const http::CallContext&) override {
    if (!account_status.ok()) return account_status;
    return PipedriveAccount{1, 12, "Acme Inc", "acme", "EUR"};
  }

  std::vector<Stage> stages = {{1, "New", 1, 1, {}}, {5, "Due", 2, 1, {}}};
  absl::Status account_status;
  absl::Status fields_status;
  std::vector<PipedriveField> person_fields = {
      {std::string(40, 'a'), "Lead Source", "varchar", true, {}}};
};

class FakeBrevo : public brevo::Client {
 public:
  absl::StatusOr<brevo::ContactPage> ListContacts(int64_t, std::optional<Time>,
                                                  const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<Contact> GetContact(const brevo::ContactId&, const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<int64_t> CreateContact(const ContactWrite&, const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::Status UpdateContact(const brevo::ContactId&, const ContactWrite&,
                             const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::Status DeleteContact(const brevo::ContactId&, const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::Status RemoveFromList(int64_t, const std::vector<std::string>&,
                              const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<int64_t> StartImport(const brevo::ImportBody&, const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<std::vector<brevo::Process>> ListProcesses(const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::Status ReadReport(const std::string&, const std::function<void(std::string_view)>&,
                          const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<std::vector<BrevoAttribute>> ListAttributes(const http::CallContext&) override {
    return attributes;
  }
  absl::StatusOr<std::vector<BrevoList>> ListLists(const http::CallContext&) override {
    return std::vector<BrevoList>{{60, "Everybody"}, {62, "Customers"}};
  }
  absl::Status CreateAttribute(const BrevoAttribute& attribute, const http::CallContext&) override {
    created.push_back(attribute);
    return create_status;
  }
  absl::StatusOr<brevo::BrevoAccount> GetAccount(const http::CallContext&) override {
    if (!account_status.ok()) return account_status;
    return brevo::BrevoAccount{"ops@acme.example", "Acme Inc", "business"};
  }
  absl::Status SendEvent(const brevo::Event&, const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<std::vector<absl::Status>> SendEvents(std::span<const brevo::Event>,
                                                       const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }
  absl::StatusOr<brevo::EventPage> ListEvents(const brevo::EventsQuery&,
                                              const http::CallContext&) override {
    return absl::UnimplementedError("not asked by the check");
  }

  absl::Status account_status;
  absl::Status create_status;
  std::vector<BrevoAttribute> attributes = {{"FIRSTNAME", "normal", AttributeType::kText, {}},
                                            {"WON_DEALS", "normal", AttributeType::kNumber, {}},
                                            {"LEAD_SOURCE", "normal", AttributeType::kText, {}}};
  std::vector<BrevoAttribute> created;
};

class LiveCheckTest : public testing::Test {
 protected:
  LiveCheckTest() {
    connection_.pipedrive.company_domain = "acme";
    connection_.pipedrive.api_base_url = "https://acme.pipedrive.com";
    connection_.lists.all_contacts = 60;
    Map("email", "email");
    Map("first_name", "FIRSTNAME");
    Map("won_deals_count", "WON_DEALS");
    Map("custom_fields.lead_source", "LEAD_SOURCE");
  }

  void Map(const std::string& source, const std::string& attribute) {
    mapping::FieldRule rule;
    rule.source = source;
    rule.attribute = attribute;
    rule.direction =
        mapping::IsToBrevoOnly(source) ? mapping::Direction::kToBrevo : mapping::Direction::kBoth;
    rule.line = static_cast<int>(connection_.person_mapping.size()) + 10;
    connection_.person_mapping.push_back(rule);
  }

  // "ok|warn|fail WHERE KEY: TEXT -> REMEDY"
  std::vector<std::string> Run(bool fix = false) {
    const LiveFactory factory = [this](const config::Config&,
                                       const config::Connection& connection) {
      LiveClients clients;
      clients.pipedrive = connection.pipedrive.api_version == "v1" ? v1_ : v2_;
      clients.brevo = brevo_;
      clients.limits = [] {
        return std::vector<LimitSeen>{{"Pipedrive", "growth", "burst", 40, 39}};
      };
      return absl::StatusOr<LiveClients>(std::move(clients));
    };
    findings_ = CheckLive(config_, connection_, factory, fix);
    std::vector<std::string> texts;
    for (const Finding& finding : findings_) {
      const char* level = finding.level == Level::kOk        ? "ok"
                          : finding.level == Level::kWarning ? "warn"
                                                             : "fail";
      texts.push_back(std::string(level) + " " + finding.where + " " + finding.key + ": " +
                      finding.text + " -> " + finding.remedy);
    }
    return texts;
  }

  config::Config config_;
  config::Connection connection_;
  std::shared_ptr<FakePipedrive> v1_ = std::make_shared<FakePipedrive>();
  std::shared_ptr<FakePipedrive> v2_ = std::make_shared<FakePipedrive>();
  std::shared_ptr<FakeBrevo> brevo_ = std::make_shared<FakeBrevo>();
  std::vector<Finding> findings_;
};

TEST_F(LiveCheckTest, FindsNothingWrongWhereAllIsWell) {
  const std::vector<std::string> texts = Run();
  EXPECT_EQ(ExitCode(findings_), 0);
  EXPECT_THAT(texts, Not(Contains(testing::StartsWith("warn"))));
  EXPECT_THAT(texts, Contains(HasSubstr("is valid for Acme Inc (acme.pipedrive.com), user 12")));
  EXPECT_THAT(texts, Contains(HasSubstr("is valid for Acme Inc, plan business")));
  EXPECT_THAT(texts, Contains(HasSubstr("1 of 1 lists exist")));
  EXPECT_THAT(texts, Contains(HasSubstr("3 fields have a source and an attribute")));
  EXPECT_THAT(texts, Contains(HasSubstr("limits left of plan growth: burst 39 of 40")));
}

TEST_F(LiveCheckTest, ARefusedTokenNamesItsSetting) {
  v2_->account_status = absl::UnauthenticatedError("unauthorized access");
  EXPECT_THAT(Run(), Contains(testing::AllOf(testing::StartsWith("fail Pipedrive"),
                                             HasSubstr("set connectors.pipedrive.api_token"))));
  EXPECT_EQ(ExitCode(findings_), 1);
}

TEST_F(LiveCheckTest, ARefusedKeyNamesItsSettingAndPipedriveIsCheckedAllTheSame) {
  brevo_->account_status = absl::UnauthenticatedError("Key not found");
  const std::vector<std::string> texts = Run();
  EXPECT_THAT(texts, Contains(HasSubstr("-> set connectors.brevo.api_key")));
  EXPECT_THAT(texts, Contains(testing::StartsWith("ok Pipedrive")));
}

TEST_F(LiveCheckTest, AnUnreachableHostNamesWhereItLooked) {
  v2_->account_status = absl::UnavailableError("could not connect");
  EXPECT_THAT(Run(), Contains(HasSubstr("check that https://acme.pipedrive.com can be reached")));
}

TEST_F(LiveCheckTest, AnErrorThatNamesTheSettingIsNotRepeated) {
  v2_->account_status = absl::UnauthenticatedError("set connectors.pipedrive.api_token");
  EXPECT_THAT(Run(), Contains("fail Pipedrive : set connectors.pipedrive.api_token -> "));
}

TEST_F(LiveCheckTest, AnotherCompanyFails) {
  connection_.pipedrive.company_domain = "other";
  EXPECT_THAT(Run(), Contains(HasSubstr("set it to acme, or use a token of other")));
  EXPECT_EQ(ExitCode(findings_), 1);
}

TEST_F(LiveCheckTest, AMissingListFailsAndShowsTheExistingOnes) {
  connection_.lists.churned = 99;
  EXPECT_THAT(Run(), Contains("fail Brevo lists.churned: there is no list 99 -> set the id of an "
                              "existing list: 60 Everybody, 62 Customers"));
}

TEST_F(LiveCheckTest, AMissingAttributeFailsWithNameAndType) {
  Map("open_deals_count", "OPEN_DEALS");
  EXPECT_THAT(Run(), Contains(testing::AllOf(
                         testing::StartsWith("fail mapping : line 14: Brevo has no attribute "
                                             "OPEN_DEALS -> create it with the type number"),
                         HasSubstr("--fix"))));
  EXPECT_TRUE(brevo_->created.empty());
}

TEST_F(LiveCheckTest, FixCreatesTheMissingAttributesOnly) {
  connection_.sync.deals = false;
  Map("open_deals_count", "OPEN_DEALS");
  Map("total_revenue", "LTV");
  Run(true);
  ASSERT_EQ(brevo_->created.size(), 1u);
  EXPECT_EQ(brevo_->created[0].name, "OPEN_DEALS");
  EXPECT_EQ(brevo_->created[0].category, "normal");
  EXPECT_EQ(brevo_->created[0].type, AttributeType::kNumber);
  EXPECT_EQ(ExitCode(findings_), 0);
}

TEST_F(LiveCheckTest, AnAttributeThatCannotBeCreatedFails) {
  Map("open_deals_count", "OPEN_DEALS");
  brevo_->create_status = absl::PermissionDeniedError("no");
  Run(true);
  EXPECT_EQ(ExitCode(findings_), 1);
}

TEST_F(LiveCheckTest, AnUnknownCustomFieldIsAWarning) {
  Map("custom_fields.nonsense", "LEAD_SOURCE");
  EXPECT_THAT(Run(), Contains(testing::AllOf(testing::StartsWith("warn mapping"),
                                             HasSubstr("custom_fields.nonsense"))));
  EXPECT_EQ(ExitCode(findings_), 0);
}

TEST_F(LiveCheckTest, AnAttributeOfTheWrongTypeIsAWarning) {
  brevo_->attributes[1].type = AttributeType::kBoolean;
  EXPECT_THAT(
      Run(), Contains(testing::AllOf(testing::StartsWith("warn mapping"), HasSubstr("WON_DEALS"))));
}

TEST_F(LiveCheckTest, RevenueNeedsDeals) {
  brevo_->attributes.push_back({"LTV", "normal", AttributeType::kNumber, {}});
  Map("total_revenue", "LTV");
  EXPECT_THAT(Run(), Not(Contains(HasSubstr("total_revenue"))));
  connection_.sync.deals = false;
  EXPECT_THAT(Run(), Contains(HasSubstr("connectors.pipedrive.sync.deals")));
  EXPECT_EQ(ExitCode(findings_), 0);
}

TEST_F(LiveCheckTest, NamesStagesThatPipedriveDoesNotHave) {
  connection_.deal_stage_mapping = {{{}, "1", 60, 1}, {2, "5", 60, 1}, {{}, "won", 60, 1}};
  EXPECT_THAT(Run(), Contains(HasSubstr("2 mapped stages exist")));
  connection_.deal_stage_mapping = {{{}, "9", 60, 1}, {1, "5", 60, 1}};
  const std::vector<std::string> texts = Run();
  EXPECT_THAT(texts, Contains(HasSubstr("there is no stage 9")));
  EXPECT_THAT(texts, Contains(HasSubstr("stage 5 (Due) is in pipeline 2, not in 1")));
}

TEST_F(LiveCheckTest, V1IsAdvisedOnlyWhereV2IsRefused) {
  connection_.pipedrive.api_version = "v1";
  EXPECT_THAT(Run(), Contains(HasSubstr("-> set api_version: v2")));
  v2_->fields_status = absl::PermissionDeniedError("not on this plan");
  EXPECT_THAT(Run(), Contains(HasSubstr("v1 is right: v2 is refused")));
}

TEST_F(LiveCheckTest, ARefusedV2AdvisesV1IfThatAnswers) {
  v2_->fields_status = absl::NotFoundError("no such route");
  EXPECT_THAT(Run(), Contains(HasSubstr("-> set api_version: v1")));
  v1_->fields_status = absl::NotFoundError("no such route");
  EXPECT_THAT(Run(), Not(Contains(HasSubstr("api_version: v1"))));
}

TEST(FindingsTest, AreAlignedAndCounted) {
  std::ostringstream out;
  Terminal terminal{out, out};
  PrintFindings({{Level::kOk, "Brevo", "", "fine", ""},
                 {Level::kFail, "Pipedrive", "connectors.x", "is wrong", "mend it"}},
                false, terminal);
  EXPECT_EQ(out.str(),
            "OK    Brevo      fine\n"
            "FAIL  Pipedrive  connectors.x: is wrong\n"
            "                 -> mend it\n"
            "1 failure, 0 warnings\n");
}

TEST(FindingsTest, AsJsonOneObjectALine) {
  std::ostringstream out;
  Terminal terminal{out, out};
  PrintFindings({{Level::kWarning, "a.yaml:3", "k", "say \"x\"", ""}}, true, terminal);
  EXPECT_EQ(out.str(),
            "{\"level\":\"warn\",\"where\":\"a.yaml:3\",\"key\":\"k\",\"text\":\"say \\\"x\\\"\","
            "\"remedy\":\"\"}\n");
}

}  // namespace
}  // namespace connector::cli
