#include "brevo_import_job.h"

#include <cstdlib>
#include <map>

#include "replies.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

std::vector<std::string> SplitCsvLine(const std::string& line) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      out.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ';' && !quoted) {
      out.emplace_back();
    } else if (c != '\r') {
      out.back() += c;
    }
  }
  return out;
}

json Typed(const BrevoAccount& account, const std::string& name, const std::string& text) {
  const auto it = account.attributes.find(name);
  if (it == account.attributes.end() || text.empty()) return text;
  if (it->second.type == "boolean" && (text == "true" || text == "false")) return text == "true";
  if (it->second.type != "float") return text;
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  return *end == '\0' ? json(number) : json(text);
}

std::string CsvCell(const std::string& text) {
  if (text.find_first_of(";\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string TextOf(const json& attributes, const char* name) {
  const json value = attributes.is_object() ? attributes.value(name, json()) : json();
  return value.is_string() ? value.get<std::string>() : value.is_null() ? "" : Dump(value);
}

class Importer {
 public:
  Importer(World& world, ImportJob& job) : world_(world), account_(world.brevo), job_(job) {}

  void ImportRow(const json& row) {
    ++world_.stats.import_rows;
    const std::string email =
        row.contains("email") && row["email"].is_string() ? row["email"].get<std::string>() : "";
    const json given = row.value("attributes", json::object());
    if (!email.empty() && !IsValidEmail(email)) return Reject("invalid_emails", email, given);
    const json clean = account_.Clean(given, true, nullptr);
    BrevoContact* found = email.empty() ? FindByAny(clean) : account_.FindByEmail(email);
    if (email.empty() && found == nullptr && !HasAny(clean)) {
      return Reject("invalid_emails", email, given);
    }
    const std::vector<std::string> conflicts = account_.Conflicts(clean, found);
    if (!conflicts.empty()) return Reject(ReportOf(conflicts.front()), email, given);
    Apply(found, email, clean);
  }

 private:
  void Reject(const char* report, const std::string& email, const json& attributes) {
    ++world_.stats.import_rejected;
    std::string& csv = job_.reports[report];
    if (csv.empty()) csv = "EMAIL;EXT_ID;SMS;WHATSAPP;LANDLINE_NUMBER\r\n";
    csv += CsvCell(email);
    for (const char* kind : kUniqueAttributes) csv += ";" + CsvCell(TextOf(attributes, kind));
    csv += "\r\n";
  }

  static const char* ReportOf(const std::string& kind) {
    if (kind == "EXT_ID") return "duplicate_ext_id";
    if (kind == "SMS") return "duplicate_phone_id";
    return kind == "WHATSAPP" ? "duplicate_whatsapp_id" : "duplicate_landline_number_id";
  }

  void Apply(BrevoContact* found, const std::string& email, const json& clean) {
    ContactWrite write;
    write.join = job_.lists;  // also lists it had left by its own hand: naive, as documented
    write.erase_empty = job_.erase_empty;
    if (job_.blacklist_email) write.email_blacklisted = true;
    if (job_.blacklist_sms) write.sms_blacklisted = true;
    const bool created = found == nullptr;
    if (created) found = &account_.Create(email);
    if (created || job_.update_existing) write.attributes = clean;
    account_.Apply(*found, write, created);
  }

  BrevoContact* FindByAny(const json& clean) {
    for (const char* kind : kUniqueAttributes) {
      if (!clean.contains(kind)) continue;
      if (BrevoContact* found = account_.FindByUnique(kind, clean[kind])) return found;
    }
    return nullptr;
  }

  static bool HasAny(const json& clean) {
    for (const char* kind : kUniqueAttributes) {
      if (clean.contains(kind) && clean[kind] != "") return true;
    }
    return false;
  }

  World& world_;
  BrevoAccount& account_;
  ImportJob& job_;
};

}  // namespace

json RowsOfCsv(const BrevoAccount& account, const std::string& csv) {
  json rows = json::array();
  std::vector<std::string> names;
  size_t at = 0;
  while (at < csv.size()) {
    const size_t end = std::min(csv.find('\n', at), csv.size());
    const std::vector<std::string> cells = SplitCsvLine(csv.substr(at, end - at));
    at = end + 1;
    if (names.empty()) {
      names = cells;
      continue;
    }
    json row = {{"attributes", json::object()}};
    for (size_t i = 0; i < cells.size() && i < names.size(); ++i) {
      if (names[i] == "EMAIL") {
        row["email"] = cells[i];
      } else {
        row["attributes"][names[i]] = Typed(account, names[i], cells[i]);
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

void ImportRows(World& world, ImportJob& job, size_t from, size_t to) {
  Importer importer(world, job);
  for (size_t i = from; i < to && i < job.rows.size(); ++i) {
    importer.ImportRow(json::parse(job.rows[i]));
    std::string().swap(job.rows[i]);
  }
}

void FinishImport(World& world, const ImportJob& job) {
  ImportProcess& process = world.brevo.processes[job.process];
  process.status = job.half_fails ? "failed" : "completed";
  process.completed_ms = world.clock.NowMillis();
  const std::string id = std::to_string(job.process);
  for (const auto& [name, csv] : job.reports) {
    const std::string path = "/reports/" + HexDigest(name + id) + "/" + id + "_" + name + ".csv";
    world.brevo.reports[path] = csv;
    process.reports[name] = world.reports_url + path;
  }
}

}  // namespace sandbox
