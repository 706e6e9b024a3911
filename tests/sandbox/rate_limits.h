// Rate limits of both APIs (facts/pipedrive.md section 6, facts/brevo.md section 4), all on the
// sandbox clock. Windows roll: a slot is free again exactly one window after it was taken.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "clock.h"
#include "options.h"

namespace sandbox {

class RollingWindow {
 public:
  RollingWindow(int64_t limit, Micros length) : limit_(limit), length_(length) {}

  bool Full(Micros now);
  void Take(Micros now) { taken_.push_back(now); }
  int64_t Remaining(Micros now);
  int64_t limit() const { return limit_; }
  // Whole seconds until the oldest slot is free again, at least 1 while any is taken.
  int64_t ResetSeconds(Micros now);

 private:
  void Forget(Micros now);

  const int64_t limit_;
  const Micros length_;
  std::deque<Micros> taken_;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

enum class Verdict { kPass, kBurst, kSearch, kDaily, kBlocked, kHour };

struct Judgement {
  Verdict verdict = Verdict::kPass;
  Headers headers;
};

class PipedriveLimits {
 public:
  explicit PipedriveLimits(const Options& options);

  // credential: the token of the caller; windows are kept by token, the daily budget by company.
  Judgement Admit(const std::string& credential, bool oauth, bool search, int cost, Micros now);
  void set_enabled(bool enabled) { enabled_ = enabled; }
  int64_t tokens_spent() const { return spent_; }

 private:
  struct PerToken {
    RollingWindow burst;
    RollingWindow search;
    std::deque<Micros> refused;
    Micros blocked_until = 0;
  };
  PerToken& For(const std::string& credential, bool oauth);
  Judgement Refuse(PerToken& state, Verdict verdict, Micros now);
  Headers MakeHeaders(PerToken& state, bool search, Micros now) const;

  bool enabled_;
  int64_t burst_token_ = 0;
  int64_t burst_oauth_ = 0;
  int64_t daily_ = 0;
  int64_t spent_ = 0;
  int64_t day_ = -1;
  Micros block_;
  std::map<std::string, PerToken> tokens_;
};

class BrevoLimits {
 public:
  explicit BrevoLimits(const Options& options);

  // Which bucket a path falls into: "contacts", "events" or "other".
  static std::string BucketOf(const std::string& method, const std::string& path);
  Judgement Admit(const std::string& bucket, Micros now);
  void set_enabled(bool enabled) { enabled_ = enabled; }

 private:
  struct Bucket {
    RollingWindow second;
    RollingWindow hour;
  };
  bool enabled_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace sandbox
