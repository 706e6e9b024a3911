#include "brevo/event_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "base/time_format.h"

namespace connector::brevo {
namespace {

using ::testing::HasSubstr;

Event Of(const std::string& name) {
  Event event;
  event.name = name;
  event.contact_id = 7;
  return event;
}

TEST(EncodeEvent, WritesWhatIsThere) {
  EXPECT_EQ(*EncodeEvent(Of("deal_won")),
            R"({"event_name":"deal_won","identifiers":{"contact_id":7}})");
  Event event = Of("deal_updated");
  event.occurred_at = ParseTime("2026-11-24T08:15:30.5Z");
  event.email = "a\"b@c.example";
  event.ext_id = "pd-1-2";
  event.contact_properties = {{"LTV", 12.5}, {"NONE", Value()}};
  event.event_properties = {{"deal-id", 8.0},
                            {"stage_changed", true},
                            {"stage", std::string("Won")},
                            {"nothing", std::string()},
                            {"labels", std::vector<std::string>{"a", "b"}}};
  EXPECT_EQ(*EncodeEvent(event),
            R"({"event_name":"deal_updated","event_date":"2026-11-24T08:15:30.500Z",)"
            R"("identifiers":{"contact_id":7,"email_id":"a\"b@c.example","ext_id":"pd-1-2"},)"
            R"("contact_properties":{"LTV":12.5},)"
            R"("event_properties":{"deal-id":8,"stage_changed":true,"stage":"Won",)"
            R"("labels":["a","b"]}})");
}

TEST(EncodeEvent, RefusesWhatBrevoWould) {
  Event nobody;
  nobody.name = "deal_won";
  Event space = Of("deal_won");
  space.event_properties = {{"lost reason", std::string("x")}};
  Event unnamed = Of("deal_won");
  unnamed.contact_properties = {{"", std::string("x")}};
  Event large = Of("deal_won");
  large.event_properties = {{"note", std::string(50'000, 'x')}};
  const std::pair<Event, const char*> kRows[] = {
      {Of(""), "name"},          {Of("deal won"), "name"}, {Of(std::string(256, 'x')), "name"},
      {Of("d\xc3\xa9"), "name"}, {nobody, "no contact"},   {space, "lost reason"},
      {unnamed, "property"},     {large, "50 kB"},
  };
  for (const auto& [event, what] : kRows) {
    const auto body = EncodeEvent(event);
    EXPECT_TRUE(absl::IsInvalidArgument(body.status())) << what;
    EXPECT_EQ(ReactionOf(body.status()), Reaction::kFailRecord);
    EXPECT_THAT(std::string(body.status().message()), HasSubstr(what));
  }
  EXPECT_TRUE(EncodeEvent(Of(std::string(255, 'x'))).ok());
  large.event_properties = {{"note", std::string(49'900, 'x')}};
  EXPECT_TRUE(EncodeEvent(large).ok());
}

TEST(EncodeEventBatch, WrapsThem) {
  const std::vector<std::string> events = {"{1}", "{2}"};
  EXPECT_EQ(EncodeEventBatch(events), R"({"events":[{1},{2}]})");
}

std::string Outcome(const std::string& body, size_t count) {
  const auto outcome = DecodeBatchOutcome(body, count);
  if (!outcome.ok()) {
    EXPECT_TRUE(absl::IsUnavailable(outcome.status()));
    return "unreadable";
  }
  std::string letters;
  for (const absl::Status& status : *outcome) {
    EXPECT_EQ(ReactionOf(status), status.ok() ? Reaction::kNone : Reaction::kFailRecord);
    letters += status.ok() ? '+' : '-';
  }
  return letters;
}

TEST(DecodeBatchOutcome, TellsTheRefusedByTheirPlace) {
  const std::pair<const char*, const char*> kRows[] = {
      {"", "+++"},
      {R"({"message":"accepted","count":3})", "+++"},
      {R"({"status":"success","total_events":3,"successful_events":3,"failed_events":0,
           "errors":[]})",
       "+++"},
      {R"({"status":"partial","total_events":3,"successful_events":2,"failed_events":1,
           "errors":[{"eventIndex":[1],"message":"bad"}]})",
       "+-+"},
      {R"({"failed_events":2,"errors":[{"eventIndex":[0,2],"message":"bad"}]})", "-+-"},
      {R"({"failed_events":2,"errors":[{"eventIndex":0},{"eventIndex":"2"}]})", "-+-"},
      {R"({"errors":[{"eventIndex":[2],"message":"bad"}]})", "++-"},
      {R"({"failed_events":3,"errors":[{"message":"all bad"}]})", "---"},
      {R"({"failed_events":3})", "---"},
      // What does not say which.
      {R"({"failed_events":1,"errors":[{"message":"one of them"}]})", "unreadable"},
      {R"({"errors":[{"message":"one of them"}]})", "unreadable"},
      {R"({"failed_events":2,"errors":[{"eventIndex":[1],"message":"bad"}]})", "unreadable"},
      {R"({"failed_events":1,"errors":[{"eventIndex":[3],"message":"bad"}]})", "unreadable"},
      {R"({"failed_events":1,"errors":[{"eventIndex":[-1],"message":"bad"}]})", "unreadable"},
      {R"({"failed_ev)", "unreadable"},
  };
  for (const auto& [body, outcome] : kRows) EXPECT_EQ(Outcome(body, 3), outcome) << body;
}

TEST(DecodeEvents, ReadsWhatCanBeCompared) {
  const auto page = DecodeEvents(R"({"events":[
    {"contact_id":7,"event_date":"2026-11-24T08:15:30.5Z","event_name":"deal_won",
     "event_properties":{"value":12.5,"id":"8","won":true,"labels":["a"],"nested":{"a":1},
                         "mixed":[1],"none":null},"contact_properties":{}},
    {"event_name":"bare"}],"count":12})");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->total, 12);
  SeenEvent expected;
  expected.name = "deal_won";
  expected.contact_id = 7;
  expected.occurred_at = ParseTime("2026-11-24T08:15:30.5Z");
  expected.event_properties = {{"id", std::string("8")},
                               {"labels", std::vector<std::string>{"a"}},
                               {"mixed", std::vector<std::string>{"1"}},
                               {"value", 12.5},
                               {"won", true}};
  SeenEvent bare;
  bare.name = "bare";
  EXPECT_EQ(page->events, (std::vector<SeenEvent>{expected, bare}));
}

TEST(DecodeEvents, AnEmptyPageAndNoPage) {
  EXPECT_EQ(DecodeEvents(R"({"count":0})")->events.size(), 0u);
  EXPECT_EQ(DecodeEvents(R"({"events":null,"count":0})")->total, 0);
  for (const char* body : {"", "{}", "[]", R"({"events":[]})", R"({"events":{},"count":1})"}) {
    EXPECT_TRUE(absl::IsUnavailable(DecodeEvents(body).status())) << body;
  }
}

}  // namespace
}  // namespace connector::brevo
