#include "mapping/phone.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/strings.h"
#include "mapping/text.h"
#include "phonenumbers/phonenumberutil.h"

namespace connector::mapping {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

constexpr size_t kCacheEntries = 16384;
constexpr size_t kLongestInput = 250;  // libphonenumber reads no longer text
constexpr uint64_t kInvalid = 0;       // no E.164 number starts with 0

std::string UpperRegion(std::string region) {
  for (char& c : region) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  }
  return region;
}

// E.164 allows at most 15 digits, so that a number fits an integer.
uint64_t ParseE164(std::string_view raw, const std::string& default_region) {
  std::string text(raw);
  // Without a region nothing tells libphonenumber that 00 is a prefix for calls abroad.
  if (default_region.empty() && text.starts_with("00")) text.replace(0, 2, "+");
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  const std::string& region = default_region.empty() ? "ZZ" : default_region;
  if (util.Parse(text, region, &number) != PhoneNumberUtil::NO_PARSING_ERROR ||
      !util.IsValidNumber(number)) {
    return kInvalid;
  }
  std::string formatted;
  util.Format(number, PhoneNumberUtil::E164, &formatted);
  uint64_t digits = kInvalid;
  if (formatted.size() > 1) {
    std::from_chars(formatted.data() + 1, formatted.data() + formatted.size(), digits);
  }
  return digits;
}

std::optional<std::string> AsText(uint64_t digits) {
  if (digits == kInvalid) return std::nullopt;
  return std::to_string(digits);
}

}  // namespace

// Two generations: what is found in the old one moves to the young one; when the young one is full
// it becomes the old one and the old one goes. That keeps what is in use at the price of one more
// lookup.
struct PhoneNormalizer::Cache {
  using Generation = absl::flat_hash_map<std::string, uint64_t>;
  Generation young;
  Generation old;

  std::optional<uint64_t> Find(std::string_view raw) {
    if (const auto it = young.find(ToAbsl(raw)); it != young.end()) return it->second;
    const auto it = old.find(ToAbsl(raw));
    if (it == old.end()) return std::nullopt;
    const uint64_t digits = it->second;
    Insert(raw, digits);
    return digits;
  }

  void Insert(std::string_view raw, uint64_t digits) {
    if (young.size() >= kCacheEntries / 2) old = std::exchange(young, {});
    young.emplace(raw, digits);
  }
};

PhoneNormalizer::PhoneNormalizer(std::string default_region)
    : default_region_(UpperRegion(std::move(default_region))), cache_(std::make_unique<Cache>()) {}

PhoneNormalizer::~PhoneNormalizer() = default;

std::optional<std::string> PhoneNormalizer::Normalize(std::string_view raw) {
  raw = TrimInvisible(raw);
  if (raw.empty() || raw.size() > kLongestInput) return std::nullopt;
  {
    std::lock_guard lock(mutex_);
    if (const auto digits = cache_->Find(raw)) return AsText(*digits);
  }
  const uint64_t digits = ParseE164(raw, default_region_);
  std::lock_guard lock(mutex_);
  cache_->Insert(raw, digits);
  return AsText(digits);
}

}  // namespace connector::mapping
