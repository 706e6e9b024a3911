#include "model/wire_custom_fields.h"

#include <algorithm>

namespace connector::wire {
namespace {

enum CustomTag : uint8_t { kNothing, kText, kNumber, kOptions, kMonetary, kRange, kRef };

constexpr size_t kKeyDigits = 40;  // Pipedrive's field keys are SHA-1 sums in hexadecimal

bool IsFieldKey(std::string_view key) {
  return key.size() == kKeyDigits && std::all_of(key.begin(), key.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

uint8_t FromHex(char c) { return static_cast<uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); }

// A field key as its 20 bytes behind a 0; any other text behind its length plus one.
void WriteKey(Writer& out, std::string_view key) {
  if (!IsFieldKey(key)) {
    out.Unsigned(key.size() + 1);
    out.Raw(key);
    return;
  }
  out.Byte(0);
  for (size_t i = 0; i < kKeyDigits; i += 2) {
    out.Byte(static_cast<uint8_t>(FromHex(key[i]) << 4 | FromHex(key[i + 1])));
  }
}

std::string ReadKey(Reader& in) {
  const uint64_t size = in.Unsigned();
  if (size > 0) return std::string(in.Raw(size - 1));
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string key;
  key.reserve(kKeyDigits);
  for (const char byte : in.Raw(kKeyDigits / 2)) {
    key += kDigits[static_cast<uint8_t>(byte) >> 4];
    key += kDigits[static_cast<uint8_t>(byte) & 15];
  }
  return key;
}

void WriteCustom(Writer& out, const CustomValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    out.Byte(kText);
    out.Text(*text);
  } else if (const auto* number = std::get_if<double>(&value)) {
    out.Byte(kNumber);
    out.Any(*number);
  } else if (const auto* options = std::get_if<OptionIds>(&value)) {
    out.Byte(kOptions);
    out.Numbers(options->ids);
  } else if (const auto* money = std::get_if<Monetary>(&value)) {
    out.Byte(kMonetary);
    out.Any(money->amount);
    out.Text(money->currency);
  } else if (const auto* range = std::get_if<ValueRange>(&value)) {
    out.Byte(kRange);
    out.Text(range->from);
    out.Text(range->until);
  } else if (const auto* ref = std::get_if<RecordRef>(&value)) {
    out.Byte(kRef);
    out.Signed(ref->id);
  } else {
    out.Byte(kNothing);
  }
}

double ReadNumber(Reader& in) {
  const Value value = in.Any();
  if (const auto* number = std::get_if<double>(&value)) return *number;
  in.SetFailed();
  return 0;
}

CustomValue ReadCustom(Reader& in) {
  switch (in.Byte()) {
    case kNothing:
      return {};
    case kText:
      return in.Text();
    case kNumber:
      return ReadNumber(in);
    case kOptions:
      return OptionIds{in.Numbers()};
    case kMonetary: {
      Monetary money{.amount = ReadNumber(in), .currency = {}};
      money.currency = in.Text();
      return money;
    }
    case kRange: {
      ValueRange range{.from = in.Text(), .until = {}};
      range.until = in.Text();
      return range;
    }
    case kRef:
      return RecordRef{in.Signed()};
    default:
      in.SetFailed();
      return {};
  }
}

}  // namespace

void WriteCustomFields(Writer& out, const CustomFields& fields) {
  out.Unsigned(fields.size());
  for (const auto& [key, value] : fields) {
    WriteKey(out, key);
    WriteCustom(out, value);
  }
}

CustomFields ReadCustomFields(Reader& in) {
  CustomFields fields(in.Count());
  for (auto& [key, value] : fields) {
    key = ReadKey(in);
    value = ReadCustom(in);
  }
  return fields;
}

}  // namespace connector::wire
