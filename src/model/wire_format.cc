#include "model/wire_format.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/strings.h"

namespace connector::wire {
namespace {

enum ValueTag : uint8_t { kEmpty, kFalse, kTrue, kNumber, kWholeNumber, kText, kLabels };

// Most values are a count or a short text: those carry the number, or the text's length, in the
// tag.
constexpr uint8_t kSmallNumber = 0x40;  // to 0x7F: 0 to 63
constexpr uint8_t kShortText = 0x80;    // to 0xFF: 0 to 127 bytes

constexpr double kLargestWhole = 9007199254740992.0;  // 2^53: doubles are exact up to here

bool IsWhole(double number) {
  return std::fabs(number) < kLargestWhole && number == std::trunc(number) &&
         !(number == 0 && std::signbit(number));
}

}  // namespace

void Writer::Double(double number) {
  const auto bits = std::bit_cast<uint64_t>(number);
  std::array<char, 8> bytes;
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(bits >> (8 * i));
  out_.append(bytes.data(), bytes.size());
}

void Writer::Numbers(const std::vector<int64_t>& numbers) {
  Unsigned(numbers.size());
  uint64_t last = 0;
  for (const int64_t number : numbers) {
    Signed(static_cast<int64_t>(static_cast<uint64_t>(number) - last));
    last = static_cast<uint64_t>(number);
  }
}

void Writer::Texts(const std::vector<std::string>& texts) {
  Unsigned(texts.size());
  for (const std::string& text : texts) Text(text);
}

void Writer::Any(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (text->size() < 0x80) {
      Byte(static_cast<uint8_t>(kShortText | text->size()));
      Raw(*text);
    } else {
      Byte(kText);
      Text(*text);
    }
  } else if (const auto* number = std::get_if<double>(&value)) {
    if (IsWhole(*number) && *number >= 0 && *number < kSmallNumber) {
      Byte(static_cast<uint8_t>(kSmallNumber | static_cast<uint8_t>(*number)));
    } else if (IsWhole(*number)) {
      Byte(kWholeNumber);
      Signed(static_cast<int64_t>(*number));
    } else {
      Byte(kNumber);
      Double(*number);
    }
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    Byte(*flag ? kTrue : kFalse);
  } else if (const auto* labels = std::get_if<std::vector<std::string>>(&value)) {
    Byte(kLabels);
    Texts(*labels);
  } else {
    Byte(kEmpty);
  }
}

std::string Writer::Finish() {
  size_t length = out_.size() - 2;
  std::string prefix;
  while (length >= 0x80) {
    prefix.push_back(static_cast<char>(length | 0x80));
    length >>= 7;
  }
  prefix.push_back(static_cast<char>(length));
  out_.replace(1, 1, prefix);
  return std::move(out_);
}

Reader::Reader(std::string_view record) : at_(record.data()), end_(at_ + record.size()) {
  const uint8_t version = Byte();
  const uint64_t length = Unsigned();
  if (version != kVersion || length != static_cast<uint64_t>(end_ - at_)) SetFailed();
}

uint64_t Reader::LongUnsigned() {
  uint64_t number = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (at_ == end_) return Fail<uint64_t>();
    const auto byte = static_cast<uint8_t>(*at_++);
    if (shift == 63 && byte > 1) return Fail<uint64_t>();
    number |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return number;
  }
  return Fail<uint64_t>();
}

std::string_view Reader::Raw(size_t size) {
  if (size > static_cast<size_t>(end_ - at_)) return Fail<std::string_view>();
  const std::string_view bytes(at_, size);
  at_ += size;
  return bytes;
}

double Reader::Double() {
  const std::string_view bytes = Raw(8);
  if (bytes.empty()) return 0;
  uint64_t bits = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    bits |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
  }
  return std::bit_cast<double>(bits);
}

bool Reader::Bool() {
  const uint8_t byte = Byte();
  return byte > 1 ? Fail<bool>() : byte == 1;
}

size_t Reader::Count() {
  const uint64_t count = Unsigned();
  if (count > static_cast<uint64_t>(end_ - at_)) return Fail<size_t>();
  return count;
}

std::vector<int64_t> Reader::Numbers() {
  std::vector<int64_t> numbers(Count());
  uint64_t last = 0;
  for (int64_t& number : numbers) {
    last += static_cast<uint64_t>(Signed());
    number = static_cast<int64_t>(last);
  }
  return numbers;
}

std::vector<std::string> Reader::Texts() {
  std::vector<std::string> texts(Count());
  for (std::string& text : texts) text = TextView();
  return texts;
}

Value Reader::Any() {
  const uint8_t tag = Byte();
  if (tag >= kShortText) return std::string(Raw(tag - kShortText));
  if (tag >= kSmallNumber) return static_cast<double>(tag - kSmallNumber);
  switch (tag) {
    case kEmpty:
      return {};
    case kFalse:
      return false;
    case kTrue:
      return true;
    case kNumber:
      return Double();
    case kWholeNumber:
      return static_cast<double>(Signed());
    case kText:
      return Text();
    case kLabels:
      return Texts();
    default:
      return Fail<Value>();
  }
}

absl::Status ReadStatus(const Reader& reader, std::string_view what) {
  if (!reader.failed()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("stored ", ToAbsl(what), " is damaged"));
}

}  // namespace connector::wire
