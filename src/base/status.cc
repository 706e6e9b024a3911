#include "base/status.h"

#include <array>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace connector {
namespace {

constexpr char kReactionUrl[] = "connector/reaction";
constexpr char kRetryAfterUrl[] = "connector/retry-after-us";
constexpr char kFieldUrl[] = "connector/field";

constexpr std::array<std::string_view, 8> kReactionNames = {
    "none", "retry", "repair", "conflict", "gone", "fail_record", "pause_account", "ambiguous"};

std::optional<std::string> Payload(const absl::Status& status, const char* url) {
  const auto payload = status.GetPayload(url);
  if (!payload.has_value()) return std::nullopt;
  return std::string(*payload);
}

}  // namespace

std::string_view ReactionName(Reaction reaction) {
  return kReactionNames[static_cast<size_t>(reaction)];
}

absl::Status WithReaction(absl::Status status, Reaction reaction) {
  status.SetPayload(kReactionUrl, absl::Cord(absl::StrCat(static_cast<int>(reaction))));
  return status;
}

Reaction ReactionOf(const absl::Status& status) {
  const auto text = Payload(status, kReactionUrl);
  int number = 0;
  if (!text.has_value() || !absl::SimpleAtoi(*text, &number)) return Reaction::kNone;
  return static_cast<Reaction>(number);
}

absl::Status WithRetryAfter(absl::Status status, Duration wait) {
  status.SetPayload(kRetryAfterUrl, absl::Cord(absl::StrCat(wait.count())));
  return status;
}

std::optional<Duration> RetryAfterOf(const absl::Status& status) {
  const auto text = Payload(status, kRetryAfterUrl);
  int64_t microseconds = 0;
  if (!text.has_value() || !absl::SimpleAtoi(*text, &microseconds)) return std::nullopt;
  return Duration(microseconds);
}

absl::Status WithField(absl::Status status, std::string_view field) {
  status.SetPayload(kFieldUrl, absl::Cord(ToAbsl(field)));
  return status;
}

std::string FieldOf(const absl::Status& status) { return Payload(status, kFieldUrl).value_or(""); }

absl::Status Annotate(const absl::Status& status, std::string_view context) {
  if (status.ok()) return status;
  absl::Status out(status.code(), absl::StrCat(ToAbsl(context), ": ", status.message()));
  status.ForEachPayload(
      [&out](absl::string_view url, const absl::Cord& payload) { out.SetPayload(url, payload); });
  return out;
}

absl::Status MakeStatus(absl::StatusCode code, std::string_view text) {
  return absl::Status(code, ToAbsl(text));
}

}  // namespace connector
