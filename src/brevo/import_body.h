#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/contact.h"

namespace connector::brevo {

// The body of one import job, grown row by row as text so that a job of 8 MB never exists as a
// tree. One thread.
class ImportBody {
 public:
  // Brevo takes 10 MB and recommends at most 8 (8,000,000 bytes, to be safe in either reading).
  static constexpr size_t kMaxBytes = 8'000'000;

  // Rows go into `list_id`; an import always has a list. Memory is taken at once for a body of
  // `expected_bytes`: one that grows to 8 MB by doubling holds three times as much on its way.
  explicit ImportBody(int64_t list_id, size_t expected_bytes = 0);

  // False, and nothing added, if the body would become larger than kMaxBytes (in an empty body: the
  // row alone is too large). Empty attribute values
  // are left out (an import that clears would clear for every row). `write.email` is required;
  // lists and flags of `write` are not part of an import.
  bool Append(const ContactWrite& write);

  // Closes the text. No Append after it.
  void Finish();
  void Clear();  // back to empty, keeping the memory for the next job

  int64_t rows() const { return rows_; }
  size_t bytes() const { return text_.size(); }
  bool finished() const { return finished_; }
  std::string_view text() const { return text_; }

 private:
  int64_t list_id_;
  int64_t rows_ = 0;
  bool finished_ = false;
  std::string text_;
};

}  // namespace connector::brevo
