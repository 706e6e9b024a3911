#include "fuzz/mutator.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace connector::fuzz {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kTokens[] = {
    "null"sv,
    "true"sv,
    "[]"sv,
    "{}"sv,
    "[[[[[[[["sv,
    "{\"a\":{\"a\":{\"a\":"sv,
    "\"\""sv,
    "\\u0000"sv,
    "\\ud800"sv,
    "\xff\xfe"sv,
    "\xed\xa0\x80"sv,
    "\0"sv,
    "\xef\xbb\xbf"sv,
    "-0"sv,
    "1e999"sv,
    "-1"sv,
    "0.1"sv,
    "9223372036854775807"sv,
    "9223372036854775808"sv,
    "18446744073709551616"sv,
    "\"0000-00-00 00:00:00\""sv,
    "\"9999-12-31T23:59:59.999999999Z\""sv,
    "\"2026-02-30T25:61:61Z\""sv,
    "\"<script>\""sv,
    ","sv,
    ":"sv,
    "\""sv,
    "}"sv,
    "]"sv,
    "\n"sv,
};

// Where scalars begin and end, as far as can be told without parsing.
std::vector<std::pair<size_t, size_t>> Values(const std::string& text) {
  std::vector<std::pair<size_t, size_t>> values;
  for (size_t at = text.find(':'); at != std::string::npos; at = text.find(':', at + 1)) {
    const size_t begin = at + 1;
    if (begin >= text.size()) break;
    const bool quoted = text[begin] == '"';
    const size_t end = quoted ? text.find('"', begin + 1) : text.find_first_of(",}]", begin);
    if (end != std::string::npos) values.emplace_back(begin, end + (quoted ? 1 : 0));
  }
  return values;
}

}  // namespace

std::string Mutator::Next() {
  std::string text = corpus_[random_.Below(corpus_.size())];
  for (uint64_t changes = 1 + random_.Below(4); changes > 0; --changes) Mutate(text);
  return text;
}

void Mutator::Mutate(std::string& text) {
  if (text.empty()) text = "{";
  const size_t at = random_.Below(text.size());
  const size_t length = std::min<size_t>(1 + random_.Below(40), text.size() - at);
  switch (random_.Below(9)) {
    case 0:
      text[at] = static_cast<char>(text[at] ^ (1 << random_.Below(8)));
      break;
    case 1:
      text[at] = static_cast<char>(random_.Below(256));
      break;
    case 2:
      text.erase(at, length);
      break;
    case 3:
      text.resize(at);
      break;
    case 4:
      text.insert(Position(text), text.substr(at, length));
      break;
    case 5: {
      const std::string& other = corpus_[random_.Below(corpus_.size())];
      text = text.substr(0, at) + other.substr(random_.Below(other.size() + 1));
      break;
    }
    case 6:
      text.insert(at, kTokens[random_.Below(std::size(kTokens))]);
      break;
    default:
      ReplaceValue(text);
  }
}

// Half of them by a value from elsewhere: right JSON of the wrong type.
void Mutator::ReplaceValue(std::string& text) {
  const auto values = Values(text);
  if (values.empty()) return;
  const auto [begin, end] = values[random_.Below(values.size())];
  const auto [from, to] = values[random_.Below(values.size())];
  const std::string other = random_.Below(2) == 0
                                ? text.substr(from, to - from)
                                : std::string(kTokens[random_.Below(std::size(kTokens))]);
  text.replace(begin, end - begin, other);
}

}  // namespace connector::fuzz
