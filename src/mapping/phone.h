#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace connector::mapping {

// Turns phones as typed into E.164 digits without the plus ("49301234567"), the way Brevo answers
// them. Results are cached by the raw text (bounded), since switchboard numbers repeat. Any thread.
class PhoneNormalizer {
 public:
  // `default_region` is an ISO 3166 code ("DE") for numbers typed without country code; "" makes
  // those invalid.
  explicit PhoneNormalizer(std::string default_region);
  ~PhoneNormalizer();

  // nullopt if it is no valid number.
  std::optional<std::string> Normalize(std::string_view raw);

 private:
  struct Cache;
  const std::string default_region_;
  std::mutex mutex_;  // guards *cache_
  std::unique_ptr<Cache> cache_;
};

}  // namespace connector::mapping
