#include "pipedrive/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "pipedrive/client.h"
#include "support/fake_caller.h"

namespace connector::pipedrive {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr const char* kNothing =
    R"({"success":true,"data":{"items":[]},"additional_data":{"next_cursor":null}})";

// The item alone within an answer.
FoundItem Decode(const std::string& item, double score = 0.5) {
  const auto decoded = DecodeSearch(R"({"success":true,"data":{"items":[{"result_score":)" +
                                        std::to_string(score) + R"(,"item":)" + item + "}]}}",
                                    NullList::kIsUnreadable);
  EXPECT_TRUE(decoded.ok()) << decoded.status();
  if (!decoded.ok() || decoded->page.items.size() != 1) return {};
  return decoded->page.items[0];
}

// The items of Pipedrive's official example.
TEST(DecodeSearch, ReadsAPerson) {
  const FoundItem item = Decode(R"({"id":6,"type":"person","name":"Sample Person",
      "phones":["555123123","+372 (55) 123468"],"emails":["primary@email.com","second@email.com"],
      "visible_to":1,"owner":{"id":69},
      "organization":{"id":9,"name":"Sample Organization","address":"Dabas, Hungary"},
      "custom_fields":["Custom Field Text"],"notes":["Person note"]})");
  EXPECT_EQ(item.score, 0.5);
  EXPECT_EQ(item.type, SearchItemType::kPerson);
  EXPECT_EQ(item.id, "6");
  EXPECT_EQ(item.title, "Sample Person");
  EXPECT_THAT(item.custom_fields, ElementsAre("Custom Field Text"));
  EXPECT_THAT(item.notes, ElementsAre("Person note"));
  EXPECT_EQ(std::get<FoundPerson>(item.detail),
            (FoundPerson{{"primary@email.com", "second@email.com"},
                         {"555123123", "+372 (55) 123468"},
                         {9, "Sample Organization"},
                         69}));
  const Tree address{Tree::Members{{"address", Tree{"Dabas, Hungary"}}}};
  EXPECT_THAT(item.other,
              ElementsAre(Pair("visible_to", Tree{1.0}), Pair("organization", address)));
}

TEST(DecodeSearch, ReadsADeal) {
  const FoundItem item = Decode(R"({"id":42,"type":"deal","title":"Sample Deal","value":53883.5,
      "currency":"USD","status":"won","visible_to":3,"owner":{"id":69},
      "stage":{"id":3,"name":"Demo Scheduled"},"person":{"id":6,"name":"Sample Person"},
      "organization":{"id":9,"name":"Org","address":null},"custom_fields":[],"notes":[],
      "is_archived":false})");
  EXPECT_EQ(item.title, "Sample Deal");
  EXPECT_EQ(std::get<FoundDeal>(item.detail), (FoundDeal{DealStatus::kWon,
                                                         53883.5,
                                                         "USD",
                                                         {3, "Demo Scheduled"},
                                                         {6, "Sample Person"},
                                                         {9, "Org"},
                                                         69}));
  EXPECT_THAT(item.other,
              ElementsAre(Pair("visible_to", Tree{3.0}),
                          Pair("organization", Tree{Tree::Members{{"address", Tree{}}}}),
                          Pair("is_archived", Tree{false})));
}

TEST(DecodeSearch, ReadsAnOrganizationAndALead) {
  const FoundItem organization =
      Decode(R"({"id":9,"type":"organization","name":"Org","address":"Dabas","owner":{"id":69}})");
  EXPECT_EQ(std::get<FoundOrganization>(organization.detail), (FoundOrganization{"Dabas", 69}));
  EXPECT_THAT(organization.other, IsEmpty());
  const FoundItem lead = Decode(R"({"id":"39c433f0-8a4c-11ec-8728-09968f0a1ca0","type":"lead",
      "title":"Lead","owner":{"id":1},"person":{"id":2,"name":"Ann"},"organization":null,
      "phones":[],"value":100,"currency":"EUR","is_archived":true})");
  EXPECT_EQ(lead.id, "39c433f0-8a4c-11ec-8728-09968f0a1ca0");
  EXPECT_EQ(std::get<FoundLead>(lead.detail), (FoundLead{{2, "Ann"}, {}, 100.0, "EUR", true, 1}));
  EXPECT_THAT(lead.other, ElementsAre(Pair("phones", Tree{Tree::List{}})));
}

TEST(DecodeSearch, KeepsOtherTypesWhole) {
  const FoundItem file = Decode(R"({"id":3,"type":"mail_attachment","name":"a.txt",
      "url":"/files/3/download","owner":{"id":69},"deal":{"id":42,"title":"Sample Deal"}})");
  EXPECT_EQ(file.type, SearchItemType::kMailAttachment);
  EXPECT_EQ(file.title, "a.txt");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(file.detail));
  EXPECT_THAT(
      file.other,
      ElementsAre(
          Pair("url", Tree{"/files/3/download"}),
          Pair("owner", Tree{Tree::Members{{"id", Tree{69.0}}}}),
          Pair("deal", Tree{Tree::Members{{"id", Tree{42.0}}, {"title", Tree{"Sample Deal"}}}})));
  const FoundItem later = Decode(R"({"id":1,"type":"quote","title":"Q","name":"N"})");
  EXPECT_EQ(later.type, SearchItemType::kUnknown);
  EXPECT_THAT(later.other, ElementsAre(Pair("name", Tree{"N"}), Pair("type", Tree{"quote"})));
}

// What is odd costs only itself.
TEST(DecodeSearch, BearsOddItems) {
  const FoundItem bare = Decode(R"({"id":"7","type":"person","name":null,"emails":null,
      "phones":["",null,{"value":"123","primary":true},4],"organization":12,"owner":"x"})");
  EXPECT_EQ(bare.id, "7");
  EXPECT_EQ(bare.title, "");
  EXPECT_EQ(std::get<FoundPerson>(bare.detail), (FoundPerson{{}, {"123", "4"}, {12, ""}, 0}));
  const FoundItem primary = Decode(R"({"id":1,"type":"person","name":"A",
      "emails":["a@x.example","b@x.example","c@x.example"],"primary_email":"b@x.example"})");
  EXPECT_THAT(std::get<FoundPerson>(primary.detail).emails,
              ElementsAre("b@x.example", "a@x.example", "c@x.example"));
  const FoundItem deal = Decode(R"({"id":1,"type":"deal","value":null,"status":"frozen"})");
  EXPECT_EQ(std::get<FoundDeal>(deal.detail), FoundDeal{});
  const auto some =
      DecodeSearch(R"({"data":{"items":[null,1,{"item":null},{"item":{"name":"no id"}},
      {"item":{"id":5,"type":"person"}}],"related_items":[{"result_score":0,"item":
      {"id":2,"type":"deal","title":"Other deal"}}]}})",
                   NullList::kIsUnreadable);
  ASSERT_TRUE(some.ok());
  ASSERT_EQ(some->page.items.size(), 1u);
  EXPECT_EQ(some->page.items[0].id, "5");
  ASSERT_EQ(some->page.related.size(), 1u);
  EXPECT_EQ(some->page.related[0].title, "Other deal");
}

TEST(DecodeSearch, CutsWhatIsNestedTooDeep) {
  std::string deep = "1";
  for (int i = 0; i < 200; ++i) deep = "[" + deep + "]";
  const FoundItem item = Decode(R"({"id":1,"type":"file","x":)" + deep + "}");
  ASSERT_EQ(item.other.size(), 1u);
  int depth = 0;
  const Tree* tree = &item.other[0].second;
  for (; !std::get<Tree::List>(tree->value).empty(); ++depth) {
    tree = &std::get<Tree::List>(tree->value)[0];
  }
  EXPECT_EQ(depth, 16);
}

TEST(DecodeSearch, AnAnswerThatIsNoneIsUnreadable) {
  for (const char* body :
       {"", "null", "[]", "{", R"({"data":[]})", R"({"data":{"items":{}}})", R"({"data":{}})",
        R"({"success":false,"data":{"items":[]}})", R"({"success":true})"}) {
    for (const NullList null_list : {NullList::kIsEmpty, NullList::kIsUnreadable}) {
      const auto decoded = DecodeSearch(body, null_list);
      EXPECT_TRUE(absl::IsUnavailable(decoded.status())) << body;
      EXPECT_EQ(ReactionOf(decoded.status()), Reaction::kRetry) << body;
    }
  }
  for (const char* body : {R"({"data":null})", R"({"data":{"items":null}})"}) {
    EXPECT_FALSE(DecodeSearch(body, NullList::kIsUnreadable).ok()) << body;
    EXPECT_TRUE(DecodeSearch(body, NullList::kIsEmpty).ok()) << body;
  }
}

class SearchCallTest : public ::testing::Test {
 protected:
  absl::StatusOr<SearchPage> Search(ApiVersion version, const SearchQuery& query,
                                    const std::string& answer = kNothing) {
    const auto client =
        MakeClient({"https://acme.pipedrive.com", Secret("t0ken"), version}, caller_);
    caller_.Answer(200, answer);
    return client->Search(query, {});
  }

  testing::FakeCaller caller_;
};

TEST_F(SearchCallTest, AsksV2) {
  ASSERT_TRUE(Search(ApiVersion::kV2, {.term = "ann"}).ok());
  EXPECT_EQ(caller_.last().url, "https://acme.pipedrive.com/api/v2/itemSearch?term=ann&limit=50");
  EXPECT_EQ(caller_.last().operation.family, quota::Family::kPipedriveSearch);
  EXPECT_EQ(caller_.last().operation.tokens, 20);
  ASSERT_TRUE(
      Search(ApiVersion::kV2, {.term = "a&b=c+d é",
                               .types = {SearchItemType::kPerson, SearchItemType::kMailAttachment},
                               .fields = {"email", "name"},
                               .exact_match = true,
                               .related_items = true,
                               .page_size = 100,
                               .cursor = "n=="})
          .ok());
  EXPECT_EQ(caller_.last().url,
            "https://acme.pipedrive.com/api/v2/itemSearch?term=a%26b%3Dc%2Bd%20%C3%A9"
            "&item_types=person%2Cmail_attachment&fields=email%2Cname&exact_match=true"
            "&search_for_related_items=true&limit=100&cursor=n%3D%3D");
}

TEST_F(SearchCallTest, AsksV1ByOffset) {
  ASSERT_TRUE(Search(ApiVersion::kV1, {.term = "ann", .page_size = 20, .cursor = "40"}).ok());
  EXPECT_EQ(caller_.last().url,
            "https://acme.pipedrive.com/api/v1/itemSearch?term=ann&limit=20&start=40");
  EXPECT_EQ(caller_.last().operation.family, quota::Family::kPipedriveSearch);
  EXPECT_EQ(caller_.last().operation.tokens, 40);
}

TEST_F(SearchCallTest, NamesTheNextPage) {
  const auto cursor_of = [this](ApiVersion version, const std::string& additional) {
    const auto page = Search(version, {.term = "ann", .page_size = 20, .cursor = "40"},
                             R"({"data":{"items":[]},"additional_data":)" + additional + "}");
    return page.ok() ? page->next_cursor : page.status().ToString();
  };
  EXPECT_EQ(cursor_of(ApiVersion::kV2, R"({"next_cursor":"n"})"), "n");
  EXPECT_EQ(cursor_of(ApiVersion::kV2, R"({"next_cursor":null})"), "");
  EXPECT_EQ(cursor_of(ApiVersion::kV2, "{}"), "");
  const auto v1 = [&](const std::string& pagination) {
    return cursor_of(ApiVersion::kV1, R"({"pagination":)" + pagination + "}");
  };
  EXPECT_EQ(v1(R"({"more_items_in_collection":true,"next_start":60})"), "60");
  EXPECT_EQ(v1(R"({"more_items_in_collection":true})"), "60");
  EXPECT_EQ(v1(R"({"more_items_in_collection":true,"next_start":3})"), "41") << "never ends";
  EXPECT_EQ(v1(R"({"more_items_in_collection":false,"next_start":60})"), "");
}

TEST_F(SearchCallTest, MakesNoCallForAQueryPipedriveWouldRefuse) {
  for (const ApiVersion version : {ApiVersion::kV1, ApiVersion::kV2}) {
    const auto page = Search(version, {.term = "a"});
    EXPECT_TRUE(absl::IsInvalidArgument(page.status()));
    EXPECT_THAT(std::string(page.status().message()), HasSubstr("term"));
  }
  EXPECT_TRUE(absl::IsOutOfRange(Search(ApiVersion::kV1, {.term = "ann", .cursor = "x"}).status()));
  EXPECT_THAT(caller_.calls(), IsEmpty());
}

}  // namespace
}  // namespace connector::pipedrive
