// Brevo: /contacts/import and /processes.
#include <algorithm>
#include <memory>
#include <set>

#include "brevo_import_job.h"
#include "brevo_json.h"
#include "replies.h"
#include "routes.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

// "Max 10 MB" is taken as ten million bytes: the stricter reading.
constexpr size_t kMaxBody = 10'000'000;
constexpr size_t kSlice = 250;  // rows at a time, so that other calls aren't held up

constexpr const char* kReports[] = {"invalid_emails",
                                    "duplicate_contact_id",
                                    "duplicate_ext_id",
                                    "duplicate_email_id",
                                    "duplicate_phone_id",
                                    "duplicate_whatsapp_id",
                                    "duplicate_landline_number_id"};

std::string CheckNames(const json& body) {
  const std::set<std::string> flags = {"updateExistingContacts", "emptyContactsAttributes",
                                       "emailBlacklist", "smsBlacklist", "disableNotification"};
  const std::set<std::string> others = {"jsonBody", "fileBody",  "fileUrl",        "listIds",
                                        "newList",  "notifyUrl", "consentGroupIds"};
  if (!body.is_object()) return "Input must be a valid JSON object";
  for (const auto& [name, value] : body.items()) {
    if (flags.count(name) > 0) {
      if (!value.is_boolean()) return name + " should be boolean";
    } else if (others.count(name) == 0) {
      return "Unknown parameter " + name;
    }
  }
  return "";
}

std::string CheckRows(const json& body) {
  const auto bodies = body.count("jsonBody") + body.count("fileBody") + body.count("fileUrl");
  if (bodies != 1) return "Exactly one of fileUrl, fileBody or jsonBody is required";
  if (body.contains("fileUrl")) return "fileUrl is not reachable";
  if (body.contains("fileBody")) {
    return body["fileBody"].is_string() && !body["fileBody"].get<std::string>().empty()
               ? ""
               : "fileBody should be a string";
  }
  if (!body["jsonBody"].is_array() || body["jsonBody"].empty()) return "jsonBody is not valid";
  for (const json& row : body["jsonBody"]) {
    if (!row.is_object() || (row.contains("attributes") && !row["attributes"].is_object()) ||
        (row.contains("email") && !row["email"].is_string())) {
      return "jsonBody is not valid";
    }
  }
  return "";
}

std::string CheckLists(const BrevoAccount& account, const json& body) {
  const bool has_lists =
      body.contains("listIds") && body["listIds"].is_array() && !body["listIds"].empty();
  if (has_lists == body.contains("newList")) return "One of listIds or newList is required";
  if (!has_lists) {
    return body["newList"].is_object() && body["newList"].contains("listName") ? "" : "newList";
  }
  for (const json& id : body["listIds"]) {
    if (!id.is_number_integer()) return "listIds should contain integers";
    if (account.lists.count(id.get<int64_t>()) == 0) return "List ID does not exist";
  }
  return "";
}

std::vector<std::string> RowTexts(const BrevoAccount& account, const json& body) {
  const json csv_rows = body.contains("fileBody") ? RowsOfCsv(account, body["fileBody"]) : json();
  const json& rows = body.contains("fileBody") ? csv_rows : body["jsonBody"];
  std::vector<std::string> out;
  out.reserve(rows.size());
  for (const json& row : rows) out.push_back(Dump(row));
  return out;
}

// Queued for a quarter of the span, then worked off slice by slice.
void Schedule(World& world, const std::shared_ptr<ImportJob>& job, const std::string& notify_url) {
  const size_t rows = job->half_fails ? job->rows.size() / 2 : job->rows.size();
  const double span = world.options.import_delay_s +
                      static_cast<double>(job->rows.size()) / world.options.import_rows_s;
  world.scheduler.After(static_cast<Micros>(span / 4 * kSecond), [&world, id = job->process] {
    world.brevo.processes[id].status = "in_process";
  });
  for (size_t from = 0; from < rows; from += kSlice) {
    const double part =
        0.25 + 0.75 * static_cast<double>(from + kSlice) / static_cast<double>(rows + kSlice);
    world.scheduler.After(static_cast<Micros>(span * part * kSecond), [&world, job, from, rows] {
      ImportRows(world, *job, from, std::min(rows, from + kSlice));
    });
  }
  world.scheduler.After(static_cast<Micros>(span * kSecond), [&world, job, url = notify_url] {
    FinishImport(world, *job);
    // The payload isn't described anywhere: a hint without content.
    if (!url.empty() && world.post) world.post(url, "{}", {}, [](int) {});
  });
}

Reply Import(World& world, const Call& call) {
  BrevoAccount& account = world.brevo;
  if (call.request.body.size() > kMaxBody) {
    return BrevoFail(413, "invalid_parameter", "Request body exceeds the limit of 10 MB");
  }
  world.stats.import_max_body =
      std::max(world.stats.import_max_body, static_cast<int64_t>(call.request.body.size()));
  const json body = json::parse(call.request.body);
  std::string wrong = CheckNames(body);
  if (wrong.empty()) wrong = CheckRows(body);
  if (wrong.empty()) wrong = CheckLists(account, body);
  if (!wrong.empty()) return BrevoInvalid(wrong);
  auto job = std::make_shared<ImportJob>();
  job->process = account.next_process++;
  job->rows = RowTexts(account, body);
  if (body.contains("newList")) {
    const int64_t list = account.next_list++;
    account.lists[list] = {body["newList"]["listName"], body["newList"].value("folderId", 1),
                           world.clock.NowMillis()};
    job->lists = {list};
  } else {
    job->lists = body["listIds"].get<std::vector<int64_t>>();
  }
  job->update_existing = body.value("updateExistingContacts", true);
  job->erase_empty = body.value("emptyContactsAttributes", false);
  job->blacklist_email = body.value("emailBlacklist", false);
  job->blacklist_sms = body.value("smsBlacklist", false);
  job->half_fails = call.import_half_fails;
  ImportProcess& process = account.processes[job->process];
  process.id = job->process;
  process.created_ms = world.clock.NowMillis();
  Schedule(world, job, body.value("notifyUrl", ""));
  return JsonReply(202, {{"processId", process.id}});
}

json ProcessJson(const ImportProcess& process) {
  json reports = json::object();
  for (const char* name : kReports) {
    const auto it = process.reports.find(name);
    reports[name] = it == process.reports.end() ? json(nullptr) : json(it->second);
  }
  json out = {{"id", process.id},
              {"name", "IMPORTUSER"},
              {"status", process.status},
              {"created_at", FormatIsoMillis(process.created_ms)}};
  const bool ended = process.completed_ms != 0;
  if (ended) out["completed_at"] = FormatIsoMillis(process.completed_ms);
  if (ended) out["info"] = {{"import", reports}};
  return out;
}

Reply ListProcesses(const BrevoAccount& account, const Call& call) {
  const OffsetPaging paging = ParseOffsetPaging(call, 10, 50);
  if (!paging.wrong.empty()) return BrevoFail(400, "out_of_range", paging.wrong);
  json rows = json::array();
  int64_t seen = 0;
  const auto take = [&](const ImportProcess& process) {
    if (seen++ >= paging.offset && seen <= paging.offset + paging.limit) {
      rows.push_back(ProcessJson(process));
    }
  };
  const auto& all = account.processes;
  if (paging.ascending) {
    for (auto it = all.begin(); it != all.end(); ++it) take(it->second);
  } else {
    for (auto it = all.rbegin(); it != all.rend(); ++it) take(it->second);
  }
  return JsonReply(200, {{"processes", rows}, {"count", all.size()}});
}

Reply GetProcess(const BrevoAccount& account, const Call& call) {
  const auto it = account.processes.find(call.ParamInt("id").value_or(0));
  if (it == account.processes.end()) return BrevoNotFound("Process not found");
  return JsonReply(200, ProcessJson(it->second));
}

}  // namespace

void AddBrevoImportRoutes(World& world, Router& router) {
  router.Add({"POST", "/v3/contacts/import", {}, 0, [&world](const Call& call) {
                return Import(world, call);
              }});
  router.Add({"GET", "/v3/processes", {"limit", "offset", "sort"}, 0, [&world](const Call& call) {
                return ListProcesses(world.brevo, call);
              }});
  router.Add({"GET", "/v3/processes/{id}", {}, 0, [&world](const Call& call) {
                return GetProcess(world.brevo, call);
              }});
}

}  // namespace sandbox
