#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace connector::cli {

// Aligned columns, two blanks between them. A column whose cells below the header are all numbers
// is aligned to the right. No trailing blanks; every line ends in a newline.
class Table {
 public:
  explicit Table(std::vector<std::string> header = {});
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string Text(std::string_view indent = "") const;

 private:
  const bool has_header_;
  std::vector<std::vector<std::string>> rows_;
};

// Columns that a text takes on a terminal, one for each code point.
size_t DisplayWidth(std::string_view text);

// The text with every control character replaced by a blank: what comes from other systems must not
// be able to steer a terminal.
std::string Printable(std::string_view text);

// "1,234,567".
std::string Grouped(int64_t number);

// "450ms", "12s", "3m05s", "2h10m".
std::string ShortDuration(double seconds);

}  // namespace connector::cli
