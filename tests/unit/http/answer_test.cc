#include "http/answer.h"

#include <gtest/gtest.h>

namespace connector::http {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

Response With(std::vector<Header> headers) { return Response{429, std::move(headers), ""}; }

TEST(WaitOf, ReadsSecondsAndDates) {
  constexpr const char* kDate = "Tue, 24 Nov 2026 08:15:30 GMT";
  const struct {
    const char* text;
    std::optional<Duration> wait;
  } kRows[] = {
      {"3", seconds(3)},
      {" 1.5 ", milliseconds(1500)},
      {"0", seconds(0)},
      {"999999999", hours(24)},
      {"-1", std::nullopt},
      {"nan", std::nullopt},
      {"soon", std::nullopt},
      {"", std::nullopt},
      {"Tue, 24 Nov 2026 08:16:00 GMT", seconds(30)},
      {"Tue, 24 Nov 2026 08:00:00 GMT", seconds(0)},
      {"Tue, 24 Nov 2099 08:00:00 GMT", hours(24)},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(WaitOf(With({{"date", kDate}, {"retry-after", row.text}}), "retry-after"), row.wait)
        << row.text;
  }
  EXPECT_EQ(WaitOf(With({{"retry-after", kDate}}), "retry-after"), std::nullopt) << "no Date";
}

TEST(Excerpt, IsOneShortLineOfWholeCharacters) {
  EXPECT_EQ(Excerpt(" a\nb\tc\x7F "), "a b c");
  std::string long_text(299, 'x');
  long_text += "üüü";
  EXPECT_EQ(Excerpt(long_text), std::string(299, 'x') + "...");
}

TEST(Redacted, ReplacesTheCredentialEverywhere) {
  Response response{401, {{"www-authenticate", "token s3cret"}}, "bad token s3cret, s3cret!"};
  const Response out = Redacted(response, Secret("s3cret"));
  EXPECT_EQ(out.body, "bad token ***, ***!");
  EXPECT_EQ(out.HeaderValue("www-authenticate"), "token ***");
  EXPECT_EQ(Redacted(response, Secret()).body, response.body);
}

}  // namespace
}  // namespace connector::http
