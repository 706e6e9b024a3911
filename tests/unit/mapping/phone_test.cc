#include "mapping/phone.h"

#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace connector::mapping {
namespace {

struct Row {
  const char* region;
  const char* raw;
  const char* expected;  // null: invalid
};

TEST(PhoneNormalizer, Table) {
  const std::vector<Row> rows = {
      {"DE", "+49 30 1234567", "49301234567"},
      {"DE", "030 1234567", "49301234567"},
      {"DE", "(030) 1234-567", "49301234567"},
      {"DE", "030/1234567", "49301234567"},
      {"DE", "0049 30 1234567", "49301234567"},
      {"de", "030 1234567", "49301234567"},
      {"DE", "+49 (0)30 1234567", "49301234567"},
      {"DE", "+49 30 1234567 ext. 12", "49301234567"},
      {"DE", "+49 30 1234567 x12", "49301234567"},
      {"DE", "tel:+49-30-1234567", "49301234567"},
      {"DE", "\xC2\xA0+49 30 1234567\xE2\x80\x8B", "49301234567"},
      {"DE", "+1 (206) 523-4567", "12065234567"},
      {"US", "(206) 523-4567", "12065234567"},
      {"US", "1-800-FLOWERS", "18003569377"},
      {"GB", "+44 (0)7771234567", "447771234567"},
      {"IT", "06 6982", "39066982"},
      {"", "+49 30 1234567", "49301234567"},
      {"", "0049 30 1234567", "49301234567"},
      {"", "030 1234567", nullptr},
      {"", "49301234567", nullptr},
      {"DE", "", nullptr},
      {"DE", "   ", nullptr},
      {"DE", "n/a", nullptr},
      {"DE", "12", nullptr},
      {"DE", "110", nullptr},
      {"DE", "0000000000", nullptr},
      {"DE", "+49 30 12345678901234567890", nullptr},
      {"DE", "+999 123456789", nullptr},
      {"XX", "030 1234567", nullptr},
      {"US", "555-1234", nullptr},
  };
  for (const Row& row : rows) {
    PhoneNormalizer phones(row.region);
    const auto result = phones.Normalize(row.raw);
    EXPECT_EQ(result.value_or("invalid"), row.expected ? row.expected : "invalid")
        << row.region << " " << row.raw;
    EXPECT_EQ(phones.Normalize(row.raw), result) << "from the cache";
  }
}

TEST(PhoneNormalizer, NeverReadsEndlessText) {
  PhoneNormalizer phones("DE");
  EXPECT_EQ(phones.Normalize(std::string(1 << 20, '3')), std::nullopt);
  EXPECT_EQ(phones.Normalize(std::string("+49 30 1234567") + std::string(300, 'x')), std::nullopt);
}

TEST(PhoneNormalizer, StaysRightWhenTheCacheTurnsOver) {
  PhoneNormalizer phones("DE");
  const auto raw = [](int i) { return "+49 30 " + std::to_string(1000000 + i); };
  for (int i = 0; i < 70000; ++i) {
    ASSERT_EQ(phones.Normalize(raw(i)), "4930" + std::to_string(1000000 + i));
  }
  for (int i = 0; i < 70000; i += 997) {
    ASSERT_EQ(phones.Normalize(raw(i)), "4930" + std::to_string(1000000 + i));
  }
}

TEST(PhoneNormalizer, AnyThread) {
  PhoneNormalizer phones("DE");
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&phones] {
      for (int i = 0; i < 500; ++i) {
        const std::string digits = std::to_string(1000000 + i % 50);
        EXPECT_EQ(phones.Normalize("030 " + digits), "4930" + digits);
      }
    });
  }
}

}  // namespace
}  // namespace connector::mapping
