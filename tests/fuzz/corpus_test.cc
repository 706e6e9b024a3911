// Every target over its corpus, and over mutations of it that are the same in every run. Longer
// hunts: build with clang and CONNECTOR_BUILD_FUZZERS=ON, and run fuzz_<target> tests/fuzz/corpus/
// <target>; what they find belongs into the corpus.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "fuzz/mutator.h"
#include "fuzz/targets.h"

namespace connector::fuzz {
namespace {

constexpr int kMutations = 10000;
constexpr uint64_t kSeed = 20261124;

std::vector<std::string> ReadCorpus(const std::string& target) {
  std::vector<std::filesystem::path> files;
  const auto directory = std::filesystem::path(CONNECTOR_FUZZ_CORPUS_DIR) / target;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> corpus;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return corpus;
}

class Corpus : public ::testing::TestWithParam<Target> {};

TEST_P(Corpus, IsDecodedSoundlyWholeAndBroken) {
  const std::vector<std::string> corpus = ReadCorpus(GetParam().name);
  ASSERT_FALSE(corpus.empty());
  for (const std::string& input : corpus) EXPECT_EQ(GetParam().run(input), "") << input;
  Mutator mutator(corpus, kSeed);
  for (int i = 0; i < kMutations; ++i) {
    const std::string input = mutator.Next();
    ASSERT_EQ(GetParam().run(input), "") << absl::CEscape(input);
  }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Corpus, ::testing::ValuesIn(Targets()),
                         [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(Mutator, RepeatsItselfAndVaries) {
  const std::vector<std::string> corpus = {R"({"a":1,"b":"two"})", R"([{"c":null}])"};
  Mutator one(corpus, 1);
  Mutator again(corpus, 1);
  Mutator other(corpus, 2);
  int same = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string input = one.Next();
    EXPECT_EQ(input, again.Next());
    same += input == other.Next() ? 1 : 0;
  }
  EXPECT_LT(same, 20);
}

}  // namespace
}  // namespace connector::fuzz
