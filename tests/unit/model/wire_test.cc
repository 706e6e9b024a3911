#include "model/wire.h"

#include <gtest/gtest.h>

#include <limits>

namespace connector {
namespace {

constexpr char kKey[] = "0123456789abcdef0123456789abcdef01234567";

Person FullPerson() {
  Person person;
  person.id = 4711;
  person.name = "Zoë Müller";
  person.first_name = "Zoë";
  person.last_name = "";
  person.emails = {{"Zoe@Example.com", "work", true}, {"z@x.org", "", false}};
  person.phones = {{"+49 170 1234567", "mobile", true}};
  person.org_id = 12;
  person.owner_id = -1;
  person.add_time = Time(Duration(1'700'000'000'000'000));
  person.update_time = Time(Duration(1'700'000'000'123'456));
  person.is_deleted = true;
  person.label_ids = {9, 3, std::numeric_limits<int64_t>::min(),
                      std::numeric_limits<int64_t>::max()};
  person.won_deals_count = 0;
  person.lost_deals_count = 1;
  person.open_deals_count = 200;
  person.closed_deals_count = 1'000'000;
  person.marketing_status = "subscribed";
  person.custom_fields = {
      {kKey, std::string("text")},
      {"0123456789ABCDEF0123456789abcdef01234567", 1.5},  // no key as Pipedrive spells them
      {"a", 7.0},
      {"b", OptionIds{{1, 2, 3}}},
      {"c", Monetary{12.34, "EUR"}},
      {"d", ValueRange{"2026-01-01", "2026-02-01"}},
      {"e", RecordRef{99}},
      {"f", std::monostate{}},
      {"g", -0.5},
  };
  return person;
}

Organization FullOrganization() {
  Organization organization;
  organization.id = 5;
  organization.name = "Acme";
  organization.address = "Street 1";
  organization.website = "https://acme.example";
  organization.owner_id = 3;
  organization.update_time = Time(Duration(-5));
  organization.is_deleted = true;
  organization.custom_fields = {{kKey, OptionIds{}}};
  return organization;
}

ContactState FullState() {
  ContactState state;
  state.brevo_id = 1LL << 40;
  state.existence = Existence::kPresent;
  state.email = "Zoe@Example.com";
  state.ext_id = "pd-1-4711";
  state.email_blacklisted = true;
  state.sms_blacklisted = true;
  state.lists = {60, 61};
  state.lists_put = {60};
  state.lists_left = {99};
  state.brevo_modified_at = Time(Duration(1'700'000'000'000'000));
  state.told_at = Time(Duration(1'700'000'001'000'000));
  state.flips = Flips{Time(Duration(1'700'000'002'000'000)), 3, {7, 4'294'967'295}};
  state.written_at = Time(Duration(1'700'000'002'000'000));
  state.fields = {
      {"A", std::string("same"), Value("same"), std::nullopt, std::nullopt},
      {"B", Value{}, Value{}, Value(2.0), std::nullopt},
      {"C", 3.25, std::nullopt, std::nullopt, Value(true)},
      {"D", std::string("old"), Value("new"), Value("new"), Value(false)},
      {"E", std::vector<std::string>{"x", "y"}, std::nullopt, Value(std::vector<std::string>{}),
       Value(Value{})},
      {"F", std::string(""), Value(Value{}), Value(std::string("")), std::nullopt},
      {"G", std::string(127, 'x'), Value(std::string(128, 'y')), Value(63.0), Value(64.0)},
      {"H", -1.0, Value(9007199254740993.0), Value(1e18), Value(0.0)},
  };
  return state;
}

ContactWrite FullWrite() {
  ContactWrite write;
  write.email = "a@b.c";
  write.ext_id = "";
  write.attributes = {{"FIRSTNAME", std::string("Zoë")}, {"LTV", 0.1}, {"SMS", Value{}}};
  write.join_lists = {1, 2, 3};
  write.leave_lists = {4};
  write.keep_email_block = true;
  return write;
}

AccountSchema FullSchema() {
  AccountSchema schema;
  schema.account = {1, 2, "Acme", "acme", "EUR"};
  schema.person_fields = {{"name", "Name", "varchar", false, {}},
                          {kKey, "Source", "enum", true, {{"1", "Web"}, {"2", "Fair"}}}};
  schema.organization_fields = {{"address", "Address", "address", false, {}}};
  schema.attributes = {{"LEAD_SOURCE", "category", AttributeType::kCategory, {{1, "Web"}}},
                       {"LTV", "normal", AttributeType::kNumber, {}}};
  schema.lists = {{60, "All"}, {61, "Leads"}};
  schema.pipelines = {{1, "Sales", 1}, {2, "Renewals", -1}};
  schema.stages = {{1, "New", 1, 1, 12.5}, {7, "Due", 2, 2, {}}};
  schema.currencies = {{"EUR", 2}, {"JPY", 0}};
  return schema;
}

Deal FullDeal() {
  Deal deal;
  deal.id = 42;
  deal.title = "Zoë's deal";
  deal.value = 1234.5;
  deal.currency = "EUR";
  deal.status = DealStatus::kLost;
  deal.person_id = 1;
  deal.org_id = 2;
  deal.owner_id = 3;
  deal.pipeline_id = 4;
  deal.stage_id = 5;
  deal.probability = 0;
  deal.lost_reason = "price";
  deal.is_archived = true;
  deal.add_time = Time(Duration(1));
  deal.update_time = Time(Duration(1'700'000'000'000'000));
  deal.stage_change_time = Time(Duration(-3));
  deal.won_time = Time(Duration(4));
  deal.lost_time = Time(Duration(5));
  deal.close_time = Time(Duration(6));
  deal.expected_close_date = "2026-11-24";
  deal.source_lead_id = "46c3b0e1-db35-59ca-1828-4817378dff71";
  deal.custom_fields = {{kKey, OptionIds{{1}}}, {"x", Monetary{1.5, "USD"}}};
  return deal;
}

RunOptions FullOptions() {
  RunOptions options;
  options.mode = RunMode::kFull;
  options.dry_run = true;
  options.filter_id = 7;
  options.list_id = 0;
  options.ids = {5, 1, 300};
  options.stop_after_failures = 10;
  options.confirm_sweep = true;
  return options;
}

RunProgress FullProgress() {
  RunProgress progress;
  progress.phase = RunPhase::kSettle;
  progress.pages = 1;
  progress.read = 500;
  progress.created = 3;
  progress.updated = 4;
  progress.unchanged = 5;
  progress.skipped = {{SkipReason::kNoEmail, 1}, {SkipReason::kBreaker, 1000}};
  progress.failed = {{FailureReason::kInternal, 2}, {FailureReason::kInvalidPhone, 3}};
  progress.pipedrive_calls = 6;
  progress.pipedrive_tokens = 70;
  progress.brevo_calls = 8;
  progress.brevo_writes = 9;
  progress.warnings = {"one", ""};
  progress.full = true;
  progress.planned = {.single_writes = 1, .import_jobs = 2, .import_bytes = 3'000'000};
  return progress;
}

OutboxEvent FullEvent() {
  OutboxEvent event;
  event.key = "deal/8/updated/1700000000";
  event.person_id = -42;
  event.name = "deal_updated";
  event.occurred_at = Time(Duration(1'700'000'000'123'456));
  event.contact_properties = {{"FULLNAME", std::string("Zoë")}};
  event.event_properties = {{"value", 12.5},
                            {"won", true},
                            {"none", Value{}},
                            {"labels", std::vector<std::string>{"a", ""}}};
  return event;
}

PlannedChange FullChange() {
  PlannedChange change;
  change.person_id = 1;
  change.email = "a@b.c";
  change.action = PlannedChange::Action::kSkip;
  change.fields = {{"A", "1", "2", "changed in Pipedrive"},
                   {"B", "", "x", "", /*to_pipedrive=*/true}};
  change.join_lists = {1};
  change.leave_lists = {2, 3};
  change.reason = "import";
  change.skip = SkipReason::kDuplicateEmail;
  change.dropped = {{"SMS", FailureReason::kDuplicatePhone, "taken"},
                    {"C", FailureReason::kInvalidValue, ""}};
  return change;
}

BrevoChange FullBrevoChange() {
  BrevoChange change;
  change.kind = BrevoChange::Kind::kContactUpdated;
  change.event = "contact_updated";
  change.webhook_id = 7;
  change.email = "Zoe@Example.com";
  change.occurred_at = Time(Duration(1'700'000'000'000'000));
  change.api_key_name = "";
  change.attributes = {{"A", Value{}}, {"B", Value(true)}, {"C", Value(2.5)}};
  change.new_email = "new@example.com";
  change.email_blacklisted = false;
  change.sms_blacklisted = true;
  change.list_ids = {2, 3};
  change.lists_left = {4};
  change.reason = "550";
  change.key = "key";
  return change;
}

template <typename T>
struct Codec;
#define CODEC(Type, full)                                                                      \
  template <>                                                                                  \
  struct Codec<Type> {                                                                         \
    static Type Full() { return full(); }                                                      \
    static absl::StatusOr<Type> Decode(std::string_view bytes) { return Decode##Type(bytes); } \
  }
CODEC(Person, FullPerson);
CODEC(Organization, FullOrganization);
CODEC(Deal, FullDeal);
CODEC(ContactState, FullState);
CODEC(ContactWrite, FullWrite);
CODEC(AccountSchema, FullSchema);
CODEC(RunOptions, FullOptions);
CODEC(RunProgress, FullProgress);
CODEC(PlannedChange, FullChange);
CODEC(OutboxEvent, FullEvent);
CODEC(BrevoChange, FullBrevoChange);
#undef CODEC

template <typename T>
class WireTest : public testing::Test {};
using Records =
    testing::Types<Person, Organization, Deal, ContactState, ContactWrite, AccountSchema,
                   RunOptions, RunProgress, PlannedChange, OutboxEvent, BrevoChange>;
TYPED_TEST_SUITE(WireTest, Records);

TYPED_TEST(WireTest, ReadsBackWhatItWrote) {
  const TypeParam full = Codec<TypeParam>::Full();
  const auto decoded = Codec<TypeParam>::Decode(Encode(full));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, full);
}

TYPED_TEST(WireTest, ReadsBackTheEmptyRecord) {
  const auto decoded = Codec<TypeParam>::Decode(Encode(TypeParam{}));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, TypeParam{});
}

TYPED_TEST(WireTest, TruncationAtAnyByteIsDataLoss) {
  const std::string bytes = Encode(Codec<TypeParam>::Full());
  for (size_t size = 0; size < bytes.size(); ++size) {
    // A copy of exactly this size, so that the address sanitizer sees a read past it.
    const std::string torn(bytes, 0, size);
    EXPECT_EQ(Codec<TypeParam>::Decode(torn).status().code(), absl::StatusCode::kDataLoss) << size;
  }
}

TYPED_TEST(WireTest, BytesBehindTheRecordAreDataLoss) {
  const std::string bytes = Encode(Codec<TypeParam>::Full()) + '\0';
  EXPECT_EQ(Codec<TypeParam>::Decode(bytes).status().code(), absl::StatusCode::kDataLoss);
}

TYPED_TEST(WireTest, UnknownVersionIsDataLoss) {
  std::string bytes = Encode(Codec<TypeParam>::Full());
  bytes[0] = 2;
  EXPECT_EQ(Codec<TypeParam>::Decode(bytes).status().code(), absl::StatusCode::kDataLoss);
}

// Whatever a damaged byte makes of the record, decoding ends and stays within it.
TYPED_TEST(WireTest, AnyFlippedByteIsReadWithinBounds) {
  const std::string bytes = Encode(Codec<TypeParam>::Full());
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (const int mask : {0x01, 0x80, 0x7F, 0xFF}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ mask);
      const auto decoded = Codec<TypeParam>::Decode(damaged);
      if (!decoded.ok()) {
        EXPECT_EQ(decoded.status().code(), absl::StatusCode::kDataLoss);
      }
    }
  }
}

TEST(WireSchemaTest, ReadsARowFromBeforeDeals) {
  AccountSchema schema;
  schema.account = {1, 2, "Acme", "acme", "EUR"};
  schema.lists = {{60, "All"}};
  std::string bytes = Encode(schema);
  bytes.resize(bytes.size() - 4);  // the four empty lists that such a row lacks
  bytes[1] = static_cast<char>(bytes[1] - 4);
  const auto decoded = DecodeAccountSchema(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, schema);
}

TEST(WireSizeTest, TypicalContactIsSmall) {
  ContactState state;
  state.brevo_id = 1'234'567;
  state.existence = Existence::kPresent;
  state.email = "firstname.lastname@company.example";
  state.ext_id = "pd-1234567-123456";
  state.lists = {60, 61};
  state.lists_put = {60, 61};
  for (const char* name :
       {"CLOSED_DEALS", "COMPANY", "COMPANY_SIZE", "FIRSTNAME", "FULLNAME", "INDUSTRY", "LASTNAME",
        "LEAD_SOURCE", "LOST_DEALS", "OPEN_DEALS", "SMS", "WON_DEALS"}) {
    FieldState& field = EnsureField(state, name);
    field.seen =
        std::string_view(name).ends_with("_DEALS") ? Value(3.0) : Value(std::string("Some text"));
    field.base = field.seen;
  }
  EXPECT_LT(Encode(state).size(), 300);
}

// One that a decoder does not know makes the whole record unreadable.
TEST(WireRunTest, ReadsBackEveryReason) {
  PlannedChange change;
  RunProgress progress;
  for (int i = 0; i <= static_cast<int>(FailureReason::kOtherCurrency); ++i) {
    change.dropped.push_back({"A", static_cast<FailureReason>(i), ""});
    progress.failed[static_cast<FailureReason>(i)] = i + 1;
  }
  for (int i = 0; i <= static_cast<int>(SkipReason::kBreaker); ++i) {
    change.skip = static_cast<SkipReason>(i);
    progress.skipped[static_cast<SkipReason>(i)] = i + 1;
    const auto decoded = DecodePlannedChange(Encode(change));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, change);
  }
  const auto decoded = DecodeRunProgress(Encode(progress));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, progress);
}

}  // namespace
}  // namespace connector
