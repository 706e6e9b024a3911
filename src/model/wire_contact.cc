// Brevo's side: the state of a contact and a write that is on its way.

#include "model/wire.h"
#include "model/wire_format.h"

namespace connector {
namespace {

using wire::Reader;
using wire::Writer;

enum StateBits : uint8_t {
  kExistence = 3,  // the two lowest bits are the enumeration itself
  kEmailBlacklisted = 1U << 2,
  kSmsBlacklisted = 1U << 3,
  kModifiedAt = 1U << 4,
  kExtId = 1U << 5,
  kListsPut = 1U << 6,
  kListsLeft = 1U << 7,
};

// In step with Brevo a field's base is what was seen, so the common field holds one value, not two.
enum FieldBits : uint8_t {
  kSeen = 1U << 0,
  kBase = 1U << 1,
  kBaseIsSeen = 1U << 2,
  kUnconfirmed = 1U << 3,
  kUnconfirmedIsBase = 1U << 4,
  kRefused = 1U << 5,
};

// Behind the fields, where there is any of it.
enum TimeBits : uint8_t { kToldAt = 1U << 0, kWrittenAt = 1U << 1, kFlips = 1U << 2 };

enum WriteBits : uint8_t {
  kWriteExtId = 1U << 0,
  kKeepEmailBlock = 1U << 1,
  kBlockEmail = 1U << 2,
};

void WriteField(Writer& out, const FieldState& field) {
  const bool seen = !std::holds_alternative<std::monostate>(field.seen);
  const bool base_is_seen = field.base && *field.base == field.seen;
  const bool unconfirmed_is_base =
      field.unconfirmed && field.base && *field.unconfirmed == *field.base;
  uint8_t bits = 0;
  if (seen) bits |= kSeen;
  if (field.base) bits |= base_is_seen ? kBaseIsSeen : kBase;
  if (field.unconfirmed) bits |= unconfirmed_is_base ? kUnconfirmedIsBase : kUnconfirmed;
  if (field.refused) bits |= kRefused;

  out.Text(field.attribute);
  out.Byte(bits);
  if (seen) out.Any(field.seen);
  if (bits & kBase) out.Any(*field.base);
  if (bits & kUnconfirmed) out.Any(*field.unconfirmed);
  if (bits & kRefused) out.Any(*field.refused);
}

void ReadField(Reader& in, FieldState& field) {
  field.attribute = in.TextView();
  const uint8_t bits = in.Byte();
  if (bits & kSeen) field.seen = in.Any();
  if (bits & kBase) field.base = in.Any();
  if (bits & kBaseIsSeen) field.base = field.seen;
  if (bits & kUnconfirmed) field.unconfirmed = in.Any();
  if (bits & kUnconfirmedIsBase) field.unconfirmed = field.base;
  if (bits & kRefused) field.refused = in.Any();
}

void WriteFlips(Writer& out, const Flips& flips) {
  out.Instant(flips.since);
  out.Unsigned(static_cast<uint64_t>(flips.count));
  out.Unsigned(flips.written.size());
  for (const int64_t hash : flips.written) out.Signed(hash);
}

Flips ReadFlips(Reader& in) {
  Flips flips;
  flips.since = in.Instant();
  flips.count = static_cast<int>(in.Unsigned());
  flips.written.resize(in.Count());
  for (int64_t& hash : flips.written) hash = in.Signed();
  return flips;
}

uint8_t BitsOf(const ContactState& state) {
  auto bits = static_cast<uint8_t>(state.existence);
  if (state.email_blacklisted) bits |= kEmailBlacklisted;
  if (state.sms_blacklisted) bits |= kSmsBlacklisted;
  if (state.brevo_modified_at) bits |= kModifiedAt;
  if (!state.ext_id.empty()) bits |= kExtId;
  if (!state.lists_put.empty()) bits |= kListsPut;
  if (!state.lists_left.empty()) bits |= kListsLeft;
  return bits;
}

}  // namespace

std::string Encode(const ContactState& state) {
  Writer out(384);
  const uint8_t bits = BitsOf(state);
  out.Byte(bits);
  out.Signed(state.brevo_id);
  out.Text(state.email);
  if (bits & kExtId) out.Text(state.ext_id);
  if (bits & kModifiedAt) out.Instant(*state.brevo_modified_at);
  out.Numbers(state.lists);
  if (bits & kListsPut) out.Numbers(state.lists_put);
  if (bits & kListsLeft) out.Numbers(state.lists_left);
  out.Unsigned(state.fields.size());
  for (const FieldState& field : state.fields) WriteField(out, field);
  const auto times =
      static_cast<uint8_t>((state.told_at ? kToldAt : 0) | (state.written_at ? kWrittenAt : 0) |
                           (state.flips ? kFlips : 0));
  if (times != 0) out.Byte(times);
  if (state.told_at) out.Instant(*state.told_at);
  if (state.written_at) out.Instant(*state.written_at);
  if (state.flips) WriteFlips(out, *state.flips);
  return out.Finish();
}

absl::StatusOr<ContactState> DecodeContactState(std::string_view bytes) {
  Reader in(bytes);
  ContactState state;
  const uint8_t bits = in.Byte();
  if ((bits & kExistence) > static_cast<uint8_t>(Existence::kPresent)) in.SetFailed();
  state.existence = static_cast<Existence>(bits & kExistence);
  state.email_blacklisted = bits & kEmailBlacklisted;
  state.sms_blacklisted = bits & kSmsBlacklisted;
  state.brevo_id = in.Signed();
  state.email = in.TextView();
  if (bits & kExtId) state.ext_id = in.TextView();
  if (bits & kModifiedAt) state.brevo_modified_at = in.Instant();
  state.lists = in.Numbers();
  if (bits & kListsPut) state.lists_put = in.Numbers();
  if (bits & kListsLeft) state.lists_left = in.Numbers();
  state.fields.resize(in.Count());
  for (FieldState& field : state.fields) ReadField(in, field);
  const uint8_t times = in.More() ? in.Byte() : 0;
  if (times & kToldAt) state.told_at = in.Instant();
  if (times & kWrittenAt) state.written_at = in.Instant();
  if (times & kFlips) state.flips = ReadFlips(in);
  if (in.failed()) return ReadStatus(in, "contact");
  return state;
}

std::string Encode(const ContactWrite& write) {
  Writer out(256);
  out.Byte(static_cast<uint8_t>((write.ext_id ? kWriteExtId : 0) |
                                (write.keep_email_block ? kKeepEmailBlock : 0) |
                                (write.block_email ? kBlockEmail : 0)));
  out.Text(write.email);
  if (write.ext_id) out.Text(*write.ext_id);
  out.Numbers(write.join_lists);
  out.Numbers(write.leave_lists);
  out.Unsigned(write.attributes.size());
  for (const auto& [name, value] : write.attributes) {
    out.Text(name);
    out.Any(value);
  }
  return out.Finish();
}

absl::StatusOr<ContactWrite> DecodeContactWrite(std::string_view bytes) {
  Reader in(bytes);
  ContactWrite write;
  const uint8_t bits = in.Byte();
  write.keep_email_block = bits & kKeepEmailBlock;
  write.block_email = bits & kBlockEmail;
  write.email = in.TextView();
  if (bits & kWriteExtId) write.ext_id = in.Text();
  write.join_lists = in.Numbers();
  write.leave_lists = in.Numbers();
  write.attributes.resize(in.Count());
  for (auto& [name, value] : write.attributes) {
    name = in.TextView();
    value = in.Any();
  }
  if (in.failed()) return ReadStatus(in, "contact write");
  return write;
}

}  // namespace connector
