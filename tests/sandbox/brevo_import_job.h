// What an import does to the account once its time has come (facts/brevo.md 1.5).
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "world.h"

namespace sandbox {

struct ImportJob {
  int64_t process = 0;
  std::string body;  // the request: rows are read when the job runs
  std::vector<int64_t> lists;
  bool update_existing = true, erase_empty = false;
  bool blacklist_email = false, blacklist_sms = false;
  bool half_fails = false;  // a fault rule: stops in the middle, status "failed"
};

// Rows of the `;`-separated CSV in fileBody as {"email","attributes"}; values typed by attribute.
nlohmann::json RowsOfCsv(const BrevoAccount& account, const std::string& csv);
// Applies every row, writes the report files and completes the process.
void RunImport(World& world, const ImportJob& job);

}  // namespace sandbox
