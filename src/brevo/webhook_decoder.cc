#include "brevo/webhook_decoder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/hash.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "brevo/contact_decoder.h"
#include "http/json.h"

namespace connector::brevo {
namespace {

using http::JsonValue;
using Kind = BrevoChange::Kind;

// The deepest observed body has six levels: a batch of contact_updated with lists.
constexpr size_t kMaxDepth = 32;
// Names of events are short, addresses have at most 254 characters.
constexpr size_t kMaxName = 64;
constexpr size_t kMaxEmail = 320;
constexpr size_t kMaxReason = 300;

absl::Status Bad(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("webhook: ", ToAbsl(what)));
}

// "hard_bounce", "hard_bounced" and "hardBounce" are one thing.
Kind KindNamed(std::string_view event) {
  std::string word;
  for (const char c : event) {
    if (absl::ascii_isalnum(c)) word.push_back(absl::ascii_tolower(c));
  }
  constexpr std::pair<std::string_view, Kind> kWords[] = {
      {"contactupdated", Kind::kContactUpdated},
      {"contactdeleted", Kind::kContactDeleted},
      {"listaddition", Kind::kListAddition},
      {"unsubscribe", Kind::kUnsubscribed},
      {"hardbounce", Kind::kHardBounce},
      {"softbounce", Kind::kSoftBounce},
      {"spam", Kind::kSpam},
  };
  for (const auto& [name, kind] : kWords) {
    if (word == name || word == absl::StrCat(ToAbsl(name), "d") ||
        word == absl::StrCat(ToAbsl(name), "s")) {
      return kind;
    }
  }
  return Kind::kOther;
}

// `date` is in the account's or Paris's time where it is not ISO, so that only `ts` is of use then.
std::optional<Time> EventTime(JsonValue event) {
  constexpr int64_t kLast = 100'000'000'000;  // the year 5138
  for (const std::string_view name : {"ts_event", "ts"}) {
    const auto seconds = event[name].Integer();
    if (seconds && *seconds > 0 && *seconds < kLast) return Time(std::chrono::seconds(*seconds));
  }
  const auto date = event["date"].Text();
  if (!date || date->find('T') == std::string_view::npos) return std::nullopt;
  return ParseTime(*date);
}

std::string EmailOf(JsonValue value) {
  const auto text = value.Text();
  return text && text->size() <= kMaxEmail ? std::string(Trim(*text)) : "";
}

// 3, [3, 42], or [{"id": 3}]; sorted.
std::vector<int64_t> ListIds(JsonValue value) {
  std::vector<int64_t> ids;
  const auto add = [&ids](JsonValue entry) {
    const auto id =
        entry.kind() == JsonValue::Kind::kObject ? entry["id"].Integer() : entry.Integer();
    if (id && *id > 0) ids.push_back(*id);
  };
  if (value.kind() == JsonValue::Kind::kArray) {
    value.ForEach(add);
  } else {
    add(value);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

JsonValue FirstOf(JsonValue object, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const JsonValue value = object[name]; value.HasValue()) return value;
  }
  return {};
}

// What one entry of `content` says has changed.
void ReadContent(JsonValue content, BrevoChange& change) {
  if (std::string email = EmailOf(content["email"]); !email.empty()) {
    change.email = std::move(email);
  }
  content["attributes"].ForEachMember([&change](std::string_view name, JsonValue value) {
    if (name == "EMAIL") {
      change.new_email = EmailOf(value);
    } else {
      change.attributes.emplace_back(name, DecodeValue(value));
    }
  });
  std::sort(change.attributes.begin(), change.attributes.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  change.email_blacklisted = FirstOf(content, {"emailBlacklist", "emailBlacklisted"}).Flag();
  change.sms_blacklisted = FirstOf(content, {"smsBlacklist", "smsBlacklisted"}).Flag();
  change.list_ids = ListIds(FirstOf(content["list"], {"addition", "additions"}));
  change.lists_left = ListIds(FirstOf(content["list"], {"deletion", "deletions", "removal"}));
}

std::string FlagText(std::optional<bool> flag) { return !flag ? "" : *flag ? "1" : "0"; }

void SetKey(BrevoChange& change) {
  if (!change.occurred_at) return;
  std::string content = absl::StrCat(
      change.webhook_id, "\n", change.new_email, "\n", FlagText(change.email_blacklisted), "\n",
      FlagText(change.sms_blacklisted), "\n", absl::StrJoin(change.list_ids, ","), "\n",
      absl::StrJoin(change.lists_left, ","), "\n", change.reason);
  for (const auto& [name, value] : change.attributes) {
    absl::StrAppend(&content, "\n", name, "=", value.index(), ToText(value));
  }
  change.key = absl::StrCat(change.event, "/", AsciiLower(change.email), "/",
                            FormatTimestamp(*change.occurred_at), "/",
                            absl::Hex(Fnv1a(content), absl::kZeroPad16));
}

class Reader {
 public:
  void Event(JsonValue event) {
    BrevoChange change;
    change.event = event["event"].ScalarText().value_or("");
    if (change.event.empty() || change.event.size() > kMaxName) {
      ++out_.unreadable;
      return;
    }
    change.kind = KindNamed(change.event);
    change.webhook_id = event["id"].Integer().value_or(0);
    change.occurred_at = EventTime(event);
    if (const auto name = event["api_key_name"].Text(); name && name->size() <= kMaxReason) {
      change.api_key_name = std::string(*name);
    }
    change.list_ids = ListIds(event["list_id"]);
    const auto reason = event["reason"].Text();
    change.reason = reason ? reason->substr(0, kMaxReason) : "";
    ForEachContact(event, change);
  }

  WebhookChanges& out() { return out_; }

 private:
  // One address, several ([a, b]), or one for each entry of `content`.
  void ForEachContact(JsonValue event, const BrevoChange& change) {
    const JsonValue email = event["email"];
    const JsonValue content = event["content"];
    if (change.kind == Kind::kContactUpdated && content.IsContainer()) {
      BrevoChange common = change;
      common.email = EmailOf(email);
      const auto one = [&](JsonValue entry) {
        BrevoChange own = common;
        ReadContent(entry, own);
        Finish(std::move(own));
      };
      if (content.kind() == JsonValue::Kind::kArray) {
        content.ForEach(one);
      } else {
        one(content);
      }
      return;
    }
    const auto one = [&](JsonValue address) {
      BrevoChange own = change;
      own.email = EmailOf(address);
      Finish(std::move(own));
    };
    if (email.kind() == JsonValue::Kind::kArray) {
      email.ForEach(one);
    } else {
      one(email);
    }
  }

  void Finish(BrevoChange change) {
    if (change.email.empty() && change.kind != Kind::kOther) {
      ++out_.unreadable;
      return;
    }
    SetKey(change);
    out_.changes.push_back(std::move(change));
  }

  WebhookChanges out_;
};

}  // namespace

absl::StatusOr<WebhookChanges> DecodeWebhook(std::string_view body) {
  if (body.size() > kMaxWebhookBytes) {
    return Bad(absl::StrCat("the body is larger than ", kMaxWebhookBytes, " bytes"));
  }
  http::JsonText json;
  if (!json.Parse(body, kMaxDepth)) {
    return Bad("the body is not one whole JSON value in UTF-8, or is nested too deeply");
  }
  const JsonValue root = json.root();
  Reader reader;
  if (root.kind() == JsonValue::Kind::kArray) {
    root.ForEach([&reader](JsonValue event) { reader.Event(event); });
  } else {
    reader.Event(root);
  }
  if (reader.out().changes.empty() && reader.out().unreadable > 0) {
    return Bad("it has no `event` or names no contact, so it is no webhook of Brevo's");
  }
  return std::move(reader.out());
}

}  // namespace connector::brevo
