#include "sync/import_reports.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/status.h"
#include "base/strings.h"
#include "sync/walk_parts.h"

namespace connector::sync {
namespace {

constexpr int kRowsPerRead = 500;
// Twenty calls: a cold sync of an account larger than this is cheaper repaired by the next full
// run, which reads all contacts anyway.
constexpr int64_t kMostToReadBack = 20'000;

struct Report {
  std::string_view name;       // Brevo's
  std::string_view attribute;  // "": the row as a whole
};
// The likeliest reason first.
constexpr std::array<Report, 6> kReports = {{{"duplicate_phone_id", "SMS"},
                                             {"duplicate_whatsapp_id", "WHATSAPP"},
                                             {"duplicate_landline_number_id", "LANDLINE_NUMBER"},
                                             {"duplicate_ext_id", "EXT_ID"},
                                             {"invalid_emails", ""},
                                             {"duplicate_email_id", ""}}};

// Calls `each` with every row of the job.
template <typename Each>
absl::Status ForEachRow(store::Store& store, const std::string& connection, int64_t job_id,
                        const Each& each) {
  int64_t after = 0;
  while (true) {
    CONNECTOR_ASSIGN_OR_RETURN(const auto rows,
                               store.ImportRows(connection, job_id, after, kRowsPerRead));
    if (rows.empty()) return absl::OkStatus();
    for (const store::ImportRow& row : rows) each(row);
    after = rows.back().contact_key;
  }
}

// Takes out of `emails` those of contacts that changed since the job was made; false if that is too
// much to read.
absl::StatusOr<bool> TakeOutChanged(const Accounts& accounts, Time since,
                                    const http::CallContext& context,
                                    std::set<std::string>& emails) {
  for (int64_t offset = 0;;) {
    CONNECTOR_ASSIGN_OR_RETURN(const brevo::ContactPage page,
                               accounts.brevo.ListContacts(offset, since, context));
    if (page.total > kMostToReadBack || offset > kMostToReadBack) return false;
    for (const Contact& contact : page.contacts) emails.erase(AsciiLower(contact.email));
    const auto got = static_cast<int64_t>(page.contacts.size() + page.malformed.size());
    offset += got;
    if (got == 0 || offset >= page.total) return true;
  }
}

bool Counts(const brevo::Process& process, std::string_view report) {
  return std::any_of(process.counts.begin(), process.counts.end(), [report](const auto& entry) {
    return entry.first == report && entry.second > 0;
  });
}

// What a missing row was most likely refused for.
std::string LikeliestReason(const brevo::Process& process, const ContactWrite& write) {
  for (const Report& report : kReports) {
    if (!report.attribute.empty() && Counts(process, report.name) &&
        !IsEmpty(WrittenIdentifier(write, report.attribute))) {
      return std::string(report.attribute);
    }
  }
  return "";
}

}  // namespace

std::optional<std::string_view> AttributeOfReport(std::string_view name) {
  const auto found = std::find_if(kReports.begin(), kReports.end(),
                                  [name](const Report& report) { return report.name == name; });
  if (found == kReports.end()) return std::nullopt;
  return found->attribute;
}

Value WrittenIdentifier(const ContactWrite& write, std::string_view attribute) {
  if (attribute == "EXT_ID") return write.ext_id ? Value{*write.ext_id} : Value{};
  for (const auto& [name, value] : write.attributes) {
    if (name == attribute) return value;
  }
  return {};
}

absl::StatusOr<std::optional<RefusedRows>> FindRefusedRows(const Accounts& accounts,
                                                           store::Store& store,
                                                           const store::ImportJob& job,
                                                           const brevo::Process& process,
                                                           const http::CallContext& context) {
  const std::string& connection = accounts.settings.connection;
  if (job.rows > kMostToReadBack) return std::nullopt;
  std::set<std::string> missing;
  CONNECTOR_RETURN_IF_ERROR(ForEachRow(
      store, connection, job.id,
      [&missing](const store::ImportRow& row) { missing.insert(AsciiLower(row.write.email)); }));
  CONNECTOR_ASSIGN_OR_RETURN(const bool read,
                             TakeOutChanged(accounts, job.created_at - kOverlap, context, missing));
  int64_t counted = 0;
  for (const auto& [name, count] : process.counts) counted += count;
  if (!read || static_cast<int64_t>(missing.size()) > counted) return std::nullopt;
  RefusedRows refused;
  CONNECTOR_RETURN_IF_ERROR(ForEachRow(store, connection, job.id, [&](const store::ImportRow& row) {
    const std::string email = AsciiLower(row.write.email);
    if (missing.count(email) > 0) refused[email] = {LikeliestReason(process, row.write)};
  }));
  return refused;
}

}  // namespace connector::sync
