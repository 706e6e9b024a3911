#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace connector::quota {

// Pipedrive's daily token budget of one company: the header's figure where it is seen, else our own
// count, which is an estimate because others spend too and the number of seats may be unknown.
//
// The vendor resets "at midnight at server's timezone" and does not name the zone. A new day is
// therefore assumed at UTC midnight and believed at any time when a header shows more tokens than
// could be left; with too few tokens one call an hour is let through to find out.
//
// Work that is not real-time leaves a share of the day's tokens untouched that shrinks evenly to
// nothing by the reset. Not thread-safe: the budget locks.
class TokenDay {
 public:
  // `enforced`: the limit is known from the configuration; otherwise it only binds once a header or
  // a refusal has shown it. A limit of 0 is unknown.
  TokenDay(int64_t limit, bool enforced, double reserved_share)
      : limit_(limit), enforced_(enforced), reserved_share_(reserved_share), remaining_(limit) {}

  // The earliest time at which `tokens` may be spent, `now` if at once.
  Time FreeAt(int64_t tokens, bool real_time, Time now);

  void Take(int64_t tokens, Time now);      // a call is leaving
  void Answered(int64_t tokens, Time now);  // it was paid for
  void NotSent(int64_t tokens);

  // The header's figures, each if it was there.
  void Observe(std::optional<int64_t> limit, std::optional<int64_t> remaining, Time now);

  void Exhausted(Time now);  // the vendor said so

  // What all members of a shared budget have spent today; used while no header is seen.
  void ObserveSpent(int64_t tokens, Time now);

  void SetLimit(int64_t limit);  // of a plan that was learnt; a header's figure stays

  bool known() const { return limit_ > 0; }
  bool estimate() const { return !from_header_; }
  int64_t limit() const { return limit_; }
  int64_t Remaining(Time now);
  int64_t SpentToday(Time now);
  Time ResetAt(Time now);
  // Tokens a second over the last ten to twenty minutes.
  double Rate(Time now);
  // Tokens answered since the last call of this; for the ledger.
  int64_t TakeUnreported();
  void ReturnUnreported(int64_t tokens) { unreported_ += tokens; }

 private:
  void StartDay(Time now);
  int64_t Left() const { return remaining_ - in_flight_; }
  double ReservedAt(Time at) const;
  void CountRate(int64_t tokens, Time now);

  int64_t limit_;
  bool enforced_;
  const double reserved_share_;
  bool from_header_ = false;
  int64_t remaining_;
  int64_t in_flight_ = 0;
  int64_t spent_ = 0;
  int64_t unreported_ = 0;
  Time day_end_{};
  Time last_heard_{};  // of a header, a refusal or a call that left
  Time rate_since_{};
  int64_t rate_now_ = 0;
  int64_t rate_before_ = 0;
};

}  // namespace connector::quota
