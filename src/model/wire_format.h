#pragma once

// The primitives of the binary form: numbers as LEB128 varints (signed ones zigzag), texts with
// their length before them, doubles that are whole as integers.
//
// A record is: version byte, length of the body as varint, body. The length tells a torn row from
// an old one: a torn row's length is wrong; an old row's body merely ends before the newer fields,
// and a decoder asks More() before it reads one of those. A body that goes on behind the last field
// it knows was written by a newer version and is taken.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "model/value.h"

namespace connector::wire {

inline constexpr uint8_t kVersion = 1;

// Appends to a record. One thread.
class Writer {
 public:
  // `expected_size` spares the string its growth.
  explicit Writer(size_t expected_size) { out_.reserve(expected_size); }

  void Byte(uint8_t byte) { out_.push_back(static_cast<char>(byte)); }
  void Unsigned(uint64_t number) {
    while (number >= 0x80) {
      Byte(static_cast<uint8_t>(number | 0x80));
      number >>= 7;
    }
    Byte(static_cast<uint8_t>(number));
  }
  void Signed(int64_t number) {
    Unsigned((static_cast<uint64_t>(number) << 1) ^ static_cast<uint64_t>(number >> 63));
  }
  void Raw(std::string_view bytes) { out_.append(bytes); }
  void Text(std::string_view text) {
    Unsigned(text.size());
    out_.append(text);
  }
  void Double(double number);
  void Bool(bool flag) { Byte(flag ? 1 : 0); }
  void Instant(Time time) { Signed(time.time_since_epoch().count()); }
  template <typename Enum>
  void Name(Enum value) {
    Unsigned(static_cast<uint64_t>(value));
  }
  // As differences: a sorted list of near numbers takes a byte each.
  void Numbers(const std::vector<int64_t>& numbers);
  void Texts(const std::vector<std::string>& texts);
  void Any(const Value& value);

  // The finished record; the writer is spent.
  std::string Finish();

 private:
  std::string out_{std::string_view("\x01\x00", 2)};  // version, place of a one-byte length
};

// Reads a record; never beyond its end. After the first error every read gives an empty value, so a
// decoder checks once, at its end. One thread; the bytes must outlive it.
class Reader {
 public:
  explicit Reader(std::string_view record);

  uint8_t Byte() {
    if (at_ == end_) return Fail<uint8_t>();
    return static_cast<uint8_t>(*at_++);
  }
  uint64_t Unsigned() {
    if (at_ != end_ && static_cast<uint8_t>(*at_) < 0x80) return static_cast<uint8_t>(*at_++);
    return LongUnsigned();
  }
  int64_t Signed() {
    const uint64_t zigzag = Unsigned();
    return static_cast<int64_t>((zigzag >> 1) ^ (~(zigzag & 1) + 1));
  }
  std::string_view Raw(size_t size);
  std::string_view TextView() { return Raw(Unsigned()); }
  std::string Text() { return std::string(TextView()); }
  double Double();
  bool Bool();
  Time Instant() { return Time(Duration(Signed())); }
  // Fails on a number above `last`.
  template <typename Enum>
  Enum Name(Enum last) {
    const uint64_t number = Unsigned();
    if (number > static_cast<uint64_t>(last)) return Fail<Enum>();
    return static_cast<Enum>(number);
  }
  // Of a list whose elements take at least one byte each: a wild number can't make us reserve more
  // than the record's own size.
  size_t Count();
  std::vector<int64_t> Numbers();
  std::vector<std::string> Texts();
  Value Any();

  bool More() const { return at_ != end_; }
  bool failed() const { return failed_; }
  // Marks the record as one that Encode did not write.
  void SetFailed() {
    failed_ = true;
    at_ = end_;
  }

 private:
  template <typename T>
  T Fail() {
    SetFailed();
    return T{};
  }
  uint64_t LongUnsigned();

  const char* at_ = nullptr;
  const char* end_ = nullptr;
  bool failed_ = false;
};

// OK, or DATA_LOSS naming what could not be read.
absl::Status ReadStatus(const Reader& reader, std::string_view what);

}  // namespace connector::wire
