#pragma once

// The command line as a value.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace connector::cli {

enum class Verb {
  kServe,
  kCheck,
  kSyncPersons,
  kSyncDeals,
  kSyncOrganizations,
  kSyncActivities,
  kSyncLeads,
  kRunsList,
  kRunsWatch,
  kRunsCancel,
  kFailuresList,
  kFailuresRetry,
  kSearch,
  kMapStage,
  kReportPipeline,
  kWebhooksEnsure,
  kWebhooksList,
  kRecords,
  kPipelines,
  kStages,
  kFields,
  kRecents,
  kExplainPerson,
  kExplainContact,
  kReconcile,
  kErase,
  kExport,
  kDuplicatesList,
  kDuplicatesMerge,
  kHealth,
  kStatus,
  kBackup,
};

struct Arguments {
  Verb verb = Verb::kServe;
  bool json = false;

  // serve, check, backup
  std::string config_path;
  bool live = false;
  bool fix = false;

  // backup
  std::string to;

  // All other verbs.
  std::string address = "127.0.0.1:9090";
  std::string connection;
  bool tls = false;  // also if one of the three is given
  std::string tls_ca_file;
  std::string tls_cert_file;
  std::string tls_key_file;
  std::string token_file;

  // sync persons, sync deals, ...
  bool full = false;
  bool confirm_sweep = false;
  bool detach = false;
  int64_t filter_id = 0;
  std::vector<int64_t> ids;
  std::vector<std::string> lead_ids;
  int64_t list_id = 0;
  int64_t stop_after_failures = 0;
  std::string follow_run_id;

  bool dry_run = false;  // also map-stage, webhooks ensure
  std::string run_id;    // runs watch, runs cancel; narrows failures
  int64_t id = 0;        // map-stage: deal; explain: person
  std::string email;     // explain contact
  bool refresh = false;  // explain
  bool confirm = false;  // erase, duplicates merge
  int limit = 50;        // of rows that are listed
  std::vector<int64_t> pipeline_ids;
  std::vector<int64_t> list_ids;  // reconcile, report pipeline
  int examples = 10;              // reconcile

  std::string since;  // recents: a day or time

  // report pipeline
  bool csv = false;
  bool chart = false;
  std::string from;  // days or times
  std::string to_time;
  std::string person_field;
  bool lead_source = false;

  // search
  std::string term;
  std::vector<std::string> item_types;  // "person", "mail_attachment", ...
  std::vector<std::string> fields;      // Pipedrive's names
  bool exact = false;

  // records, fields
  std::string action;              // "list", "get", "create", "update", "delete"
  std::string kind;                // "person", "deal", "organization", "activity", "lead"
  std::string record_id;           // a number, or a lead's UUID
  std::string data;                // the fields to write, as JSON
  std::vector<std::string> where;  // "owner_id=3": fields of the List...Request
  bool background = false;
};

struct ParsedArguments {
  std::optional<Arguments> arguments;
  // If there are none: what to print and to exit with; 0 after --help and --version.
  std::string text;
  int exit_code = 0;
};

ParsedArguments ParseArguments(int argc, const char* const* argv);

}  // namespace connector::cli
