// docs/configuration.md says what the program does: its table is the program's own, its examples
// load. With CONNECTOR_UPDATE_DOCS set, the table is written instead of compared.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "config/config.h"
#include "config/fields.h"

namespace connector::config {
namespace {

constexpr std::string_view kBegin = "<!-- options: begin -->\n";
constexpr std::string_view kEnd = "<!-- options: end -->\n";

std::string Path() {
  return std::string(CONNECTOR_TEST_DATA_DIR) + "/../../../../docs/configuration.md";
}

std::string ReadPage() {
  std::ifstream file(Path());
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(DocumentationTest, TheTableIsTheProgramsOwn) {
  std::string page = ReadPage();
  const size_t begin = page.find(kBegin);
  const size_t end = page.find(kEnd);
  ASSERT_NE(begin, page.npos);
  ASSERT_NE(end, page.npos);
  const size_t table = begin + kBegin.size();
  if (std::getenv("CONNECTOR_UPDATE_DOCS") != nullptr) {
    page.replace(table, end - table, MarkdownTable());
    std::ofstream(Path()) << page;
    return;
  }
  EXPECT_EQ(page.substr(table, end - table), MarkdownTable())
      << "set CONNECTOR_UPDATE_DOCS=1 and run this test again to write it";
}

TEST(DocumentationTest, EveryExampleLoads) {
  const std::string page = ReadPage();
  constexpr std::string_view kFence = "```yaml\n";
  int examples = 0;
  for (size_t at = page.find(kFence); at != page.npos; at = page.find(kFence, at)) {
    at += kFence.size();
    const std::string example = page.substr(at, page.find("```", at) - at);
    const Loaded loaded = Parse(example, {{"PIPEDRIVE_API_TOKEN", "t"},
                                          {"BREVO_API_KEY", "k"},
                                          {"WEBHOOK_PASSWORD", "p"},
                                          {"WEBHOOK_TOKEN", "t"},
                                          {"PIPEDRIVE_CLIENT_ID", "i"},
                                          {"PIPEDRIVE_CLIENT_SECRET", "s"},
                                          {"STORE_ENCRYPTION_KEY", std::string(44, 'k')}});
    for (const Problem& problem : loaded.problems) {
      EXPECT_TRUE(problem.is_warning) << example << problem.line << ": " << problem.text;
    }
    ++examples;
  }
  EXPECT_GE(examples, 2);
}

}  // namespace
}  // namespace connector::config
