// Events that wait to be sent to Brevo.

#include "model/wire.h"
#include "model/wire_format.h"

namespace connector {
namespace {

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

}  // namespace connector
