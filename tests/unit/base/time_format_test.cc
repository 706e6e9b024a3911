#include "base/time_format.h"

#include <gtest/gtest.h>

namespace connector {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const Time kTime{seconds(1'795'508'130)};  // 2026-11-24T08:15:30Z

TEST(TimeFormatTest, WritesWhatTheVendorsTake) {
  EXPECT_EQ(FormatSeconds(kTime + milliseconds(999)), "2026-11-24T08:15:30Z");
  EXPECT_EQ(FormatTimestamp(kTime + milliseconds(123)), "2026-11-24T08:15:30.123Z");
  EXPECT_EQ(FormatTimestamp(kTime + microseconds(1999)), "2026-11-24T08:15:30.001Z");
  EXPECT_EQ(FormatSeconds(Time{}), "1970-01-01T00:00:00Z");
}

TEST(TimeFormatTest, ReadsWhatTheVendorsWrite) {
  EXPECT_EQ(ParseTime("2026-11-24T08:15:30Z"), kTime);
  EXPECT_EQ(ParseTime("2026-11-24T08:15:30.123456Z"), kTime + microseconds(123'456));
  EXPECT_EQ(ParseTime("2026-11-24T10:15:30+02:00"), kTime);
  EXPECT_EQ(ParseTime("2026-11-24T02:45:30.5-05:30"), kTime + milliseconds(500));
  EXPECT_EQ(ParseTime("2026-11-24 08:15:30"), kTime);
}

TEST(TimeFormatTest, RefusesWhatIsNotATime) {
  for (const char* text : {"", "yesterday", "2026-11-24", "2026-13-01T00:00:00Z",
                           "2026-02-30T00:00:00Z", "2026-11-24T25:00:00Z", "2026-11-24T08:15:30",
                           "2026-11-24T08:15:30Z and more", "1795508130"}) {
    EXPECT_EQ(ParseTime(text), std::nullopt) << text;
  }
}

TEST(TimeFormatTest, WritingAndReadingAreInverse) {
  for (const Time time : {Time{}, kTime, kTime + hours(24 * 365 * 30)}) {
    EXPECT_EQ(ParseTime(FormatSeconds(time)), time);
    EXPECT_EQ(ParseTime(FormatTimestamp(time + milliseconds(7))), time + milliseconds(7));
  }
}

TEST(TimeFormatTest, ReadsTheDateOfHttp) {
  EXPECT_EQ(ParseHttpDate("Tue, 24 Nov 2026 08:15:30 GMT"), kTime);
  EXPECT_EQ(ParseHttpDate("24 Nov 2026 08:15:30"), std::nullopt);
  EXPECT_EQ(ParseHttpDate(""), std::nullopt);
}

TEST(TimeFormatTest, KnowsTheDaysThatExist) {
  EXPECT_TRUE(IsCalendarDate("2026-11-24"));
  EXPECT_TRUE(IsCalendarDate("2028-02-29"));
  for (const char* text :
       {"2026-02-29", "2026-13-01", "2026-1-1", "24-11-2026", "2026-11-24 ", "", "2026/11/24"}) {
    EXPECT_FALSE(IsCalendarDate(text)) << text;
  }
}

}  // namespace
}  // namespace connector
