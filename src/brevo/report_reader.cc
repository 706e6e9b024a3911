#include "brevo/report_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/strings.h"

namespace connector::brevo {
namespace {

// Splits a CSV text into rows of cells; cells are unquoted and trimmed.
class CsvRows {
 public:
  explicit CsvRows(std::string_view text) : text_(text), separator_(FindSeparator(text)) {}

  // False at the end. The cells are valid until the next call.
  bool Next(std::vector<std::string>& cells) {
    cells.clear();
    if (at_ >= text_.size()) return false;
    do {
      cells.emplace_back(Cell());
    } while (Take(separator_));
    Take('\r');
    Take('\n');
    return true;
  }

 private:
  // The more frequent of the two in the first line.
  static char FindSeparator(std::string_view text) {
    const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
    const auto semicolons = std::count(line.begin(), line.end(), ';');
    return semicolons > std::count(line.begin(), line.end(), ',') ? ';' : ',';
  }

  bool Take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool AtCellEnd() const {
    if (at_ >= text_.size()) return true;
    const char c = text_[at_];
    return c == separator_ || c == '\r' || c == '\n';
  }

  std::string Cell() {
    std::string out;
    if (Take('"')) AppendQuoted(out);
    while (!AtCellEnd()) out.push_back(text_[at_++]);
    return std::string(Trim(out));
  }

  // Up to the closing quote; a doubled one stands for one.
  void AppendQuoted(std::string& out) {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"' && !Take('"')) return;
      out.push_back(c);
    }
  }

  std::string_view text_;
  char separator_;
  size_t at_ = 0;
};

bool HasAddress(const std::string& cell) { return cell.find('@') != std::string::npos; }

// The column that a header calls e-mail, whatever its spelling ("Email", "E-MAIL", "email_id").
std::optional<size_t> FindEmailColumn(const std::vector<std::string>& cells) {
  if (std::any_of(cells.begin(), cells.end(), HasAddress)) return std::nullopt;
  for (size_t i = 0; i < cells.size(); ++i) {
    std::string name = AsciiLower(cells[i]);
    std::erase_if(name, [](char c) { return c == '-' || c == '_' || c == ' '; });
    if (name.starts_with("email")) return i;
  }
  return std::nullopt;
}

std::string_view EmailOf(const std::vector<std::string>& cells, std::optional<size_t> column) {
  if (column && *column < cells.size() && !cells[*column].empty()) return cells[*column];
  const auto address = std::find_if(cells.begin(), cells.end(), HasAddress);
  return address == cells.end() ? cells.front() : *address;
}

}  // namespace

void ReadReportRows(std::string_view text, const std::function<void(std::string_view)>& row) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  CsvRows rows(text);
  std::vector<std::string> cells;
  std::optional<size_t> column;
  for (bool first = true; rows.Next(cells); first = false) {
    if (first) {
      column = FindEmailColumn(cells);
      if (column) continue;
    }
    const std::string_view email = EmailOf(cells, column);
    if (!email.empty()) row(email);
  }
}

}  // namespace connector::brevo
