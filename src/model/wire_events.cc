// Events: those that wait to be sent to Brevo, and those that came from there.

#include "model/wire.h"
#include "model/wire_format.h"

namespace connector {
namespace {

enum ChangeBits : uint8_t {
  kOccurredAt = 1U << 0,
  kApiKeyName = 1U << 1,
  kEmailFlag = 1U << 2,
  kEmailBlock = 1U << 3,
  kSmsFlag = 1U << 4,
  kSmsBlock = 1U << 5,
};

using Properties = std::vector<std::pair<std::string, Value>>;

void WriteProperties(wire::Writer& out, const Properties& properties) {
  out.Unsigned(properties.size());
  for (const auto& [name, value] : properties) {
    out.Text(name);
    out.Any(value);
  }
}

Properties ReadProperties(wire::Reader& in) {
  Properties properties(in.Count());
  for (auto& [name, value] : properties) {
    name = in.Text();
    value = in.Any();
  }
  return properties;
}

}  // namespace

std::string Encode(const OutboxEvent& event) {
  wire::Writer out(256);
  out.Text(event.key);
  out.Signed(event.person_id);
  out.Text(event.name);
  out.Instant(event.occurred_at);
  WriteProperties(out, event.contact_properties);
  WriteProperties(out, event.event_properties);
  return out.Finish();
}

absl::StatusOr<OutboxEvent> DecodeOutboxEvent(std::string_view bytes) {
  wire::Reader in(bytes);
  OutboxEvent event;
  event.key = in.Text();
  event.person_id = in.Signed();
  event.name = in.Text();
  event.occurred_at = in.Instant();
  event.contact_properties = ReadProperties(in);
  event.event_properties = ReadProperties(in);
  if (in.failed()) return wire::ReadStatus(in, "Brevo event");
  return event;
}

std::string Encode(const BrevoChange& change) {
  wire::Writer out(256);
  out.Name(change.kind);
  out.Text(change.event);
  out.Signed(change.webhook_id);
  out.Text(change.email);
  uint8_t bits = 0;
  if (change.occurred_at) bits |= kOccurredAt;
  if (change.api_key_name) bits |= kApiKeyName;
  if (change.email_blacklisted) bits |= kEmailFlag | (*change.email_blacklisted ? kEmailBlock : 0);
  if (change.sms_blacklisted) bits |= kSmsFlag | (*change.sms_blacklisted ? kSmsBlock : 0);
  out.Byte(bits);
  if (change.occurred_at) out.Instant(*change.occurred_at);
  if (change.api_key_name) out.Text(*change.api_key_name);
  WriteProperties(out, change.attributes);
  out.Text(change.new_email);
  out.Numbers(change.list_ids);
  out.Numbers(change.lists_left);
  out.Text(change.reason);
  out.Text(change.key);
  return out.Finish();
}

absl::StatusOr<BrevoChange> DecodeBrevoChange(std::string_view bytes) {
  wire::Reader in(bytes);
  BrevoChange change;
  change.kind = in.Name(BrevoChange::Kind::kOther);
  change.event = in.Text();
  change.webhook_id = in.Signed();
  change.email = in.Text();
  const uint8_t bits = in.Byte();
  if (bits & kOccurredAt) change.occurred_at = in.Instant();
  if (bits & kApiKeyName) change.api_key_name = in.Text();
  if (bits & kEmailFlag) change.email_blacklisted = (bits & kEmailBlock) != 0;
  if (bits & kSmsFlag) change.sms_blacklisted = (bits & kSmsBlock) != 0;
  change.attributes = ReadProperties(in);
  change.new_email = in.Text();
  change.list_ids = in.Numbers();
  change.lists_left = in.Numbers();
  change.reason = in.Text();
  change.key = in.Text();
  if (in.failed()) return wire::ReadStatus(in, "change in Brevo");
  return change;
}

}  // namespace connector
