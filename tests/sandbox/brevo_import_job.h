// What an import does to the account once its time has come (facts/brevo.md 1.5).
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "world.h"

namespace sandbox {

struct ImportJob {
  int64_t process = 0;
  std::vector<std::string> rows;  // JSON text each: parsed, a job of 10 MB would take 100 MB
  std::vector<int64_t> lists;
  bool update_existing = true, erase_empty = false;
  bool blacklist_email = false, blacklist_sms = false;
  bool half_fails = false;                     // a fault rule: stops in the middle, status "failed"
  std::map<std::string, std::string> reports;  // CSV so far, by name of the report
};

// Rows of the `;`-separated CSV in fileBody as {"email","attributes"}; values typed by attribute.
nlohmann::json RowsOfCsv(const BrevoAccount& account, const std::string& csv);
// Applies rows [from, to): contacts appear little by little while the process is under way.
void ImportRows(World& world, ImportJob& job, size_t from, size_t to);
// Writes the report files and ends the process.
void FinishImport(World& world, const ImportJob& job);

}  // namespace sandbox
