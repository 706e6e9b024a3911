#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "model/contact_state.h"

namespace connector {
namespace {

using ::testing::ElementsAre;

Time At(int seconds) { return Time(std::chrono::seconds(seconds)); }

ContactState Base() {
  ContactState state;
  state.brevo_id = 9;
  state.existence = Existence::kPresent;
  state.email = "a@x.io";
  state.lists = {1, 2};
  state.lists_put = {1};
  state.brevo_modified_at = At(100);
  state.fields = {{.attribute = "A", .seen = std::string("a"), .base = Value("a")},
                  {.attribute = "B", .seen = std::string("b"), .base = Value("b")}};
  return state;
}

using Change = std::function<void(ContactState&)>;
struct Case {
  const char* name;
  Change work;    // what was done to the contact
  Change others;  // what was told of it meanwhile
  Change both;    // what it comes to
};

TEST(RebaseContact, KeepsBoth) {
  const auto write = [](ContactState& s) {
    EnsureField(s, "A").unconfirmed = std::string("new");
    s.lists = {1, 2, 3};
    s.lists_put = {1, 3};
  };
  const auto see = [](ContactState& s, const char* attribute, const char* value) {
    EnsureField(s, attribute).seen = std::string(value);
    s.told_at = At(200);
  };
  const std::vector<Case> cases = {
      {"only the work", write, [](ContactState&) {}, write},
      {"only the others", [](ContactState&) {}, [&](ContactState& s) { see(s, "A", "x"); },
       [&](ContactState& s) { see(s, "A", "x"); }},
      {"different fields", write, [&](ContactState& s) { see(s, "B", "x"); },
       [&](ContactState& s) {
         write(s);
         see(s, "B", "x");
       }},
      {"the echo came before the end of the write", write,
       [&](ContactState& s) { see(s, "A", "new"); },
       [&](ContactState& s) {
         write(s);
         see(s, "A", "new");
         EnsureField(s, "A").base = Value("new");
         EnsureField(s, "A").unconfirmed.reset();
       }},
      {"written and edited", write, [&](ContactState& s) { see(s, "A", "x"); },
       [&](ContactState& s) {
         write(s);
         see(s, "A", "x");
       }},
      {"an opt-out meanwhile", write,
       [](ContactState& s) {
         s.email_blacklisted = true;
         s.lists = {2};
         s.lists_put = {};
         s.lists_left = {1};
         s.told_at = At(200);
       },
       [&](ContactState& s) {
         write(s);
         s.email_blacklisted = true;
         s.lists = {2, 3};
         s.lists_put = {3};
         s.lists_left = {1};
         s.told_at = At(200);
       }},
      {"the work looked and saw the block, the others had known it lifted",
       [](ContactState& s) {
         s.email_blacklisted = true;
         s.brevo_modified_at = At(300);
       },
       [](ContactState& s) { s.told_at = At(200); },
       [](ContactState& s) {
         s.email_blacklisted = true;
         s.brevo_modified_at = At(300);
         s.told_at = At(200);
       }},
      {"the work left a list, the others joined one",
       [](ContactState& s) {
         s.lists = {2};
         s.lists_put = {};
       },
       [](ContactState& s) {
         s.lists = {1, 2, 7};
       },
       [](ContactState& s) {
         s.lists = {2, 7};
         s.lists_put = {};
       }},
      {"deleted meanwhile", [](ContactState& s) { EnsureField(s, "C").unconfirmed = Value("c"); },
       [](ContactState& s) {
         s.existence = Existence::kAbsent;
         s.brevo_id = 0;
       },
       [](ContactState& s) {
         EnsureField(s, "C").unconfirmed = Value("c");
         s.existence = Existence::kAbsent;
         s.brevo_id = 0;
       }},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    ContactState after = Base();
    ContactState now = Base();
    ContactState expected = Base();
    c.work(after);
    c.others(now);
    c.both(expected);
    EXPECT_EQ(Rebase(Base(), after, now), expected);
  }
}

TEST(RebaseContact, AListThatWasLeftStaysLeftOnBothSides) {
  ContactState after = Base();
  ContactState now = Base();
  after.lists_left = {4};
  now.lists_left = {5};
  EXPECT_THAT(Rebase(Base(), after, now).lists_left, ElementsAre(4, 5));
}

}  // namespace
}  // namespace connector
