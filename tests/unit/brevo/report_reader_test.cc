#include "brevo/report_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace connector::brevo {
namespace {

std::vector<std::string> Rows(std::string_view text) {
  std::vector<std::string> rows;
  ReadReportRows(text, [&rows](std::string_view row) { rows.emplace_back(row); });
  return rows;
}

using List = std::vector<std::string>;

TEST(ReadReportRows, ReadsEveryForm) {
  const struct {
    std::string_view text;
    List rows;
  } kRows[] = {
      {"", {}},
      {"\n\n", {}},
      {"a@b.example", {"a@b.example"}},
      {"EMAIL\na@b.example\r\nc@d.example\r\n", {"a@b.example", "c@d.example"}},
      {"\xEF\xBB\xBF"
       "Email;SMS\na@b.example;1\n",
       {"a@b.example"}},
      {"SMS;E-mail\n1;a@b.example\n2;\n;\n", {"a@b.example", "2"}},
      {"ID,email_id,reason\n7,a@b.example,\"x, y\"\n", {"a@b.example"}},
      {"1;a@b.example\n2;c@d.example", {"a@b.example", "c@d.example"}},
      {"\"a@b.example\";\"say \"\"hi\"\"\nthere\"\n\"q\"\"@d.example\"",
       {"a@b.example", "q\"@d.example"}},
      {"EMAIL\n not an address \n", {"not an address"}},
      {"33612345678\n33612345679\n", {"33612345678", "33612345679"}},
      {"\"never closed;a@b.example\n", {"never closed;a@b.example"}},
      {"a@b.example,junk\r\rc@d.example", {"a@b.example", "c@d.example"}},
      {"EMAIL\n\"\"\n\"\"\"\"\n", {"\""}},
  };
  for (const auto& row : kRows) EXPECT_EQ(Rows(row.text), row.rows) << row.text;
}

}  // namespace
}  // namespace connector::brevo
