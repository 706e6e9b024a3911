// Every file of testdata/ says in its last lines what must be found wrong with it:
//   # expect: LINE error|warning KEY: TEXT

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "config/config.h"

namespace connector::config {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Texts(const std::vector<Problem>& problems) {
  std::vector<std::string> texts;
  for (const Problem& problem : problems) {
    texts.push_back(std::to_string(problem.line) + (problem.is_warning ? " warning " : " error ") +
                    problem.key + ": " + problem.text);
  }
  return texts;
}

std::vector<std::string> Expected(const fs::path& path) {
  static constexpr std::string_view kMark = "# expect: ";
  std::vector<std::string> expected;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(kMark)) expected.push_back(line.substr(kMark.size()));
  }
  return expected;
}

std::vector<std::string> BadFiles() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(CONNECTOR_TEST_DATA_DIR)) {
    const std::string name = entry.path().stem();
    if (entry.path().extension() == ".yaml" && !name.starts_with("seed")) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

class BadFileTest : public testing::TestWithParam<std::string> {};

TEST_P(BadFileTest, IsReportedWithLineKeyAndRemedy) {
  const fs::path path = fs::path(CONNECTOR_TEST_DATA_DIR) / (GetParam() + ".yaml");
  const Loaded loaded = Load(path, {});
  const std::vector<std::string> texts = Texts(loaded.problems);
  EXPECT_FALSE(texts.empty());
  EXPECT_EQ(texts, Expected(path));
  for (const std::string& text : texts) {
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("hunter2"))) << "a secret's value";
  }
}

INSTANTIATE_TEST_SUITE_P(Config, BadFileTest, testing::ValuesIn(BadFiles()),
                         [](const auto& test) { return test.param; });

TEST(LoadTest, NamesAFileThatIsNotThere) {
  const Loaded loaded = Load("/nonexistent/connector.yaml", {});
  EXPECT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.problems.front().text, "can't read the file /nonexistent/connector.yaml");
}

TEST(LoadTest, ADirectoryIsNoFile) { EXPECT_FALSE(Load(CONNECTOR_TEST_DATA_DIR, {}).ok()); }

}  // namespace
}  // namespace connector::config
