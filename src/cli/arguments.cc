#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <memory>
#include <sstream>

#include "cli/version.h"

namespace connector::cli {
namespace {

constexpr int kUsageError = 2;
constexpr const char* kAnyId = "ID";

// The help shows a validator's description beside the type's name, which says it already.
CLI::Validator Quiet(CLI::Validator validator) { return validator.description(""); }

// CLI11's own names the largest double, all 309 digits of it.
CLI::Validator Positive() {
  return CLI::Validator(
      [](const std::string& text) -> std::string {
        int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool whole = error == std::errc() && end == text.data() + text.size();
        return whole && number > 0 ? "" : "must be a positive whole number, not " + text;
      },
      "");
}

// CLI11's own shows the names of excluded options, which drown the rest.
class BriefFormatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_type_size() == 0) return "";
    std::string text = " " + option->get_type_name();
    if (option->get_required()) text += " (required)";
    if (!option->get_default_str().empty()) text += " = " + option->get_default_str();
    return text;
  }
};

class Grammar {
 public:
  explicit Grammar(Arguments& arguments) : arguments_(arguments) {
    app_.formatter(std::make_shared<BriefFormatter>());
    app_.require_subcommand(1);
    app_.set_version_flag("--version", std::string("pipedrive-connector ") + kVersion);
    AddLocalVerbs();
    AddSyncVerbs();
    AddRunVerbs();
    AddFailureVerbs();
    AddSearchVerb();
    AddOtherVerbs();
    AddRecordVerbs();
  }

  CLI::App& app() { return app_; }

 private:
  CLI::App* AddGroup(const std::string& name, const std::string& description) {
    CLI::App* group = app_.add_subcommand(name, description);
    group->require_subcommand(1);
    return group;
  }

  CLI::App* AddVerb(CLI::App* parent, Verb verb, const std::string& name,
                    const std::string& description) {
    CLI::App* sub = parent->add_subcommand(name, description);
    sub->callback([this, verb] { arguments_.verb = verb; });
    return sub;
  }

  // A verb that calls a running server.
  CLI::App* AddCall(CLI::App* parent, Verb verb, const std::string& name,
                    const std::string& description) {
    CLI::App* sub = AddVerb(parent, verb, name, description);
    AddAddress(sub);
    sub->add_option("--connection", arguments_.connection, "Which pair of accounts")
        ->type_name("NAME");
    AddJson(sub);
    return sub;
  }

  void AddAddress(CLI::App* sub) {
    sub->add_option("--address", arguments_.address, "The server to call")
        ->type_name("HOST:PORT")
        ->capture_default_str();
    const auto file = [sub](const char* name, std::string& value, const char* what) {
      return sub->add_option(name, value, what)->type_name("FILE")->check(Quiet(CLI::ExistingFile));
    };
    sub->add_flag("--tls", arguments_.tls, "Speak TLS, trusting the system's authorities");
    file("--tls-ca", arguments_.tls_ca_file, "Speak TLS, trusting these authorities (PEM)");
    CLI::Option* cert = file("--tls-cert", arguments_.tls_cert_file, "Our certificate (PEM)");
    CLI::Option* key = file("--tls-key", arguments_.tls_key_file, "Its private key (PEM)");
    cert->needs(key);
    key->needs(cert);
    file("--token-file", arguments_.token_file,
         "Holds the bearer token; or set PIPEDRIVE_CONNECTOR_TOKEN");
  }

  void AddJson(CLI::App* sub) {
    sub->add_flag("--json", arguments_.json, "One JSON object a line");
  }

  void AddConfig(CLI::App* sub) {
    sub->add_option("--config", arguments_.config_path, "The configuration, a YAML file")
        ->type_name("FILE")
        ->required();
  }

  void AddLimit(CLI::App* sub) {
    sub->add_option("--limit", arguments_.limit, "How many rows at most")
        ->check(Quiet(CLI::Range(1, 100000)))
        ->capture_default_str();
  }

  void AddLocalVerbs() {
    AddConfig(AddVerb(&app_, Verb::kServe, "serve", "Run the service"));
    CLI::App* check =
        AddVerb(&app_, Verb::kCheck, "check", "Find what is wrong with a configuration");
    AddConfig(check);
    AddJson(check);
    CLI::Option* live =
        check->add_flag("--live", arguments_.live, "Also ask Pipedrive and Brevo, without writing");
    check->add_flag("--fix", arguments_.fix, "Create the Brevo attributes that are missing")
        ->needs(live);
    CLI::App* backup =
        AddVerb(&app_, Verb::kBackup, "backup", "Copy the state, also while the service runs");
    AddConfig(backup);
    backup->add_option("--to", arguments_.to, "A file that does not exist yet")
        ->type_name("FILE")
        ->required();
    AddCall(&app_, Verb::kStatus, "status",
            "Show how a server and its accounts are; 1 if something needs a person");
    CLI::App* health = AddVerb(&app_, Verb::kHealth, "health", "Ask whether a server serves");
    AddAddress(health);
    AddJson(health);
  }

  void AddSyncVerbs() {
    CLI::App* sync = AddGroup("sync", "Start a sync and show its progress");
    CLI::App* persons = AddSync(sync, Verb::kSyncPersons, "persons",
                                "Bring Pipedrive's persons and Brevo's contacts in step");
    CLI::Option* list = persons->add_option("--list", arguments_.list_id,
                                            "Only persons whose contacts are on this Brevo list");
    list->type_name("N")->check(Positive());
    persons
        ->add_flag("--confirm-sweep", arguments_.confirm_sweep,
                   "Take for deleted whatever is gone, however much (with --full)")
        ->needs(persons->get_option("--full"));
    for (const char* other : {"--filter-id", "--ids", "--follow"}) {
      list->excludes(persons->get_option(other));
    }
    AddSync(sync, Verb::kSyncDeals, "deals",
            "Read Pipedrive's deals and bring counts, revenue and lists in step");
    AddSync(sync, Verb::kSyncOrganizations, "organizations",
            "Read Pipedrive's organizations and bring their fields to their persons' contacts");
    AddSync(sync, Verb::kSyncActivities, "activities",
            "Read Pipedrive's activities and tell Brevo of them as events");
    AddSync(sync, Verb::kSyncLeads, "leads",
            "Read Pipedrive's leads and bring their fields and list in step");
  }

  CLI::App* AddSync(CLI::App* parent, Verb verb, const std::string& name,
                    const std::string& description) {
    CLI::App* sync = AddCall(parent, verb, name, description);
    sync->add_flag("--full", arguments_.full, "Read everything, not only what changed");
    sync->add_flag("--dry-run", arguments_.dry_run, "Say what would be written; write nothing");
    CLI::Option* filter = sync->add_option("--filter-id", arguments_.filter_id,
                                           "Only " + name + " of this Pipedrive filter");
    CLI::Option* ids =
        verb == Verb::kSyncLeads
            ? sync->add_option("--ids", arguments_.lead_ids, "Only these leads: UUID,UUID")
                  ->type_name("ID,ID")
            : sync->add_option("--ids", arguments_.ids, "Only these " + name + ": 1,2,3")
                  ->type_name("N,N")
                  ->check(Positive());
    filter->type_name("N")->check(Positive())->excludes(ids);
    ids->delimiter(',');
    sync->add_option("--stop-after-failures", arguments_.stop_after_failures,
                     "End the run when so many records have failed")
        ->type_name("N")
        ->check(Positive());
    CLI::Option* follow = sync->add_option("--follow", arguments_.follow_run_id,
                                           "Show this run instead of starting one");
    follow->type_name("RUN");
    for (const char* other :
         {"--full", "--dry-run", "--filter-id", "--ids", "--stop-after-failures"}) {
      follow->excludes(sync->get_option(other));
    }
    sync->add_flag("--detach", arguments_.detach, "Start the run and return")->excludes(follow);
    return sync;
  }

  void AddRunVerbs() {
    CLI::App* runs = AddGroup("runs", "What runs, and what ran");
    AddLimit(AddCall(runs, Verb::kRunsList, "list", "List runs, the newest first"));
    AddRunId(AddCall(runs, Verb::kRunsWatch, "watch", "Show the progress of a run"));
    AddRunId(AddCall(runs, Verb::kRunsCancel, "cancel", "Ask a run to end"));
  }

  void AddRunId(CLI::App* sub) {
    sub->add_option("id", arguments_.run_id, "The run")->type_name("RUN")->required();
  }

  void AddFailureVerbs() {
    CLI::App* failures = AddGroup("failures", "Records that could not be synced");
    CLI::App* list = AddCall(failures, Verb::kFailuresList, "list", "List them, the newest first");
    CLI::App* retry = AddCall(failures, Verb::kFailuresRetry, "retry", "Take them up again");
    for (CLI::App* sub : {list, retry}) {
      sub->add_option("--run", arguments_.run_id, "Only of this run")->type_name("RUN");
    }
    AddLimit(list);
  }

  void AddSearchVerb() {
    CLI::App* search = AddCall(&app_, Verb::kSearch, "search", "Search Pipedrive");
    search->add_option("term", arguments_.term, "What to look for")->required();
    search
        ->add_option("--type", arguments_.item_types,
                     "Only these: deal, person, organization, product, lead, file, "
                     "mail_attachment, project")
        ->type_name("NAME,NAME")
        ->delimiter(',')
        ->check(Quiet(CLI::IsMember({"deal", "person", "organization", "product", "lead", "file",
                                     "mail_attachment", "project"})));
    search
        ->add_option("--field", arguments_.fields,
                     "Look only there: address, code, custom_fields, description, email, name, "
                     "notes, phone, title")
        ->type_name("NAME,NAME")
        ->delimiter(',');
    search->add_flag("--exact", arguments_.exact, "Only where a whole field is the term");
    AddLimit(search);
  }

  void AddOtherVerbs() {
    CLI::App* map = AddCall(&app_, Verb::kMapStage, "map-stage",
                            "Bring a deal's contact to the lists of its stage");
    map->add_option("deal", arguments_.id, "The deal")
        ->type_name(kAnyId)
        ->required()
        ->check(Positive());
    map->add_flag("--dry-run", arguments_.dry_run, "Say what would be done");
    AddReportVerbs();
    CLI::App* webhooks = AddGroup("webhooks", "Webhook subscriptions");
    CLI::App* ensure = AddCall(webhooks, Verb::kWebhooksEnsure, "ensure",
                               "Make the subscriptions what they should be");
    ensure->add_flag("--dry-run", arguments_.dry_run, "Say what would be done");
    AddCall(webhooks, Verb::kWebhooksList, "list", "List them, and how their last delivery went");
    AddContactVerbs();
    AddRemovalVerbs();
  }

  void AddReportVerbs() {
    CLI::App* pipeline = AddCall(AddGroup("report", "Reports"), Verb::kReportPipeline, "pipeline",
                                 "Counts, values and conversion per stage");
    pipeline->add_option("--pipeline", arguments_.pipeline_ids, "Only these pipelines: 1,2")
        ->type_name("N,N")
        ->delimiter(',');
    const auto moment = [pipeline](const char* name, std::string& value, const char* what) {
      pipeline->add_option(name, value, what)->type_name("DAY");
    };
    moment("--from", arguments_.from, "Begin of the period, such as 2026-11-01; else 30 days ago");
    moment("--to", arguments_.to_time, "Its end, itself not included; else now");
    CLI::Option_group* split = pipeline->add_option_group("Split by", "One of them");
    split
        ->add_option("--by-person-field", arguments_.person_field,
                     "A mapped custom field of persons")
        ->type_name("NAME");
    split->add_option("--by-list", arguments_.list_ids, "Brevo lists that the contact is on: 1,2")
        ->type_name("N,N")
        ->delimiter(',');
    split->add_flag("--by-lead-source", arguments_.lead_source, "The source of the deal's lead");
    split->require_option(0, 1);
    CLI::Option* csv = pipeline->add_flag("--csv", arguments_.csv, "As comma-separated values");
    pipeline->add_flag("--chart", arguments_.chart, "As bars of the open deals")->excludes(csv);
  }

  void AddContactVerbs() {
    CLI::App* explain = AddGroup("explain", "Why a contact is as it is");
    CLI::App* person =
        AddCall(explain, Verb::kExplainPerson, "person", "Explain the contact of a person");
    person->add_option("id", arguments_.id, "The person")
        ->type_name(kAnyId)
        ->required()
        ->check(Positive());
    CLI::App* contact =
        AddCall(explain, Verb::kExplainContact, "contact", "Explain the contact with an address");
    AddEmail(contact);
    for (CLI::App* sub : {person, contact}) {
      sub->add_flag("--refresh", arguments_.refresh, "Read both accounts first");
    }
    CLI::App* reconcile = AddCall(&app_, Verb::kReconcile, "reconcile",
                                  "Compare both accounts, as a whole and per list");
    reconcile->add_option("--list", arguments_.list_ids, "Only these Brevo lists: 1,2")
        ->type_name("N,N")
        ->delimiter(',')
        ->check(Positive());
    reconcile->add_option("--examples", arguments_.examples, "How many examples of each difference")
        ->check(Quiet(CLI::Range(1, 1000)))
        ->capture_default_str();
  }

  void AddExportVerb() {
    CLI::App* verb =
        AddCall(&app_, Verb::kExport, "export", "All that is held about a person, as JSON");
    CLI::Option* email = verb->add_option("email", arguments_.email, "Its e-mail address");
    email->type_name("EMAIL");
    CLI::Option* person = verb->add_option("--person", arguments_.id, "Its id in Pipedrive");
    person->type_name(kAnyId)->check(Positive())->excludes(email);
    verb->callback([this] {
      arguments_.verb = Verb::kExport;
      if (arguments_.email.empty() && arguments_.id == 0) {
        throw CLI::RequiredError("an e-mail address or --person");
      }
    });
  }

  void AddRemovalVerbs() {
    AddExportVerb();
    CLI::App* erase = AddCall(&app_, Verb::kErase, "erase",
                              "Erase a person here, in Pipedrive and in Brevo; can't be undone");
    AddEmail(erase);
    CLI::App* duplicates = AddGroup("duplicates", "Persons that share an e-mail address");
    AddLimit(AddCall(duplicates, Verb::kDuplicatesList, "list", "List them"));
    CLI::App* merge = AddCall(duplicates, Verb::kDuplicatesMerge, "merge",
                              "Merge persons in Pipedrive; can't be undone");
    merge->add_option("keep", arguments_.id, "The person that stays")
        ->type_name(kAnyId)
        ->required()
        ->check(Positive());
    merge->add_option("others", arguments_.ids, "The persons that are merged into it")
        ->type_name("ID ...")
        ->required()
        ->check(Positive());
    for (CLI::App* sub : {erase, merge}) {
      sub->add_flag("--confirm", arguments_.confirm, "Yes, do it")->required();
    }
  }

  void AddEmail(CLI::App* sub) {
    sub->add_option("email", arguments_.email, "Its e-mail address")
        ->type_name("EMAIL")
        ->required();
  }

  CLI::App* AddRecordVerb(CLI::App* records, const std::string& action,
                          const std::string& description) {
    CLI::App* sub = AddCall(records, Verb::kRecords, action, description);
    sub->callback([this, action] {
      arguments_.verb = Verb::kRecords;
      arguments_.action = action;
    });
    AddKind(sub);
    if (action == "get" || action == "update" || action == "delete") {
      sub->add_option("id", arguments_.record_id, "A number; a lead's UUID")
          ->type_name(kAnyId)
          ->required();
    }
    if (action == "create" || action == "update") {
      sub->add_option(
             "--data", arguments_.data,
             R"(What to write, such as {"name": "Ann", "custom_fields": {"Score": 5}}; null clears)")
          ->type_name("JSON")
          ->required();
    }
    return sub;
  }

  void AddKind(CLI::App* sub) {
    sub->add_option("kind", arguments_.kind, "person, deal, organization, activity or lead")
        ->type_name("KIND")
        ->required()
        ->check(Quiet(CLI::IsMember({"person", "deal", "organization", "activity", "lead"})));
  }

  void AddRecordVerbs() {
    CLI::App* records = AddGroup("records", "Pipedrive's records");
    CLI::App* list = AddRecordVerb(records, "list", "List records");
    list->add_option("--where", arguments_.where,
                     "Only those, such as owner_id=3 or updated_since=2026-11-24T08:00:00Z")
        ->type_name("FIELD=VALUE");
    list->add_flag("--background", arguments_.background, "Yield to all other work");
    AddLimit(list);
    AddRecordVerb(records, "get", "Show a record");
    AddRecordVerb(records, "create", "Create a record");
    AddRecordVerb(records, "update", "Change some fields of a record");
    AddRecordVerb(records, "delete", "Delete a record");
    AddCall(&app_, Verb::kPipelines, "pipelines", "List Pipedrive's pipelines");
    CLI::App* stages = AddCall(&app_, Verb::kStages, "stages", "List the stages of the pipelines");
    stages->add_option("--pipeline", arguments_.id, "Only of this pipeline")
        ->type_name(kAnyId)
        ->check(Positive());
    AddKind(AddCall(&app_, Verb::kFields, "fields", "List the fields of a kind of record"));
    CLI::App* recents = AddCall(&app_, Verb::kRecents, "recents", "List what changed of late");
    recents->add_option("--since", arguments_.since, "At most a month ago, such as 2026-11-24")
        ->type_name("DAY")
        ->required();
    AddLimit(recents);
  }

  Arguments& arguments_;
  CLI::App app_{"Keeps a Pipedrive account and a Brevo account in step.", "pipedrive-connector"};
};

}  // namespace

ParsedArguments ParseArguments(int argc, const char* const* argv) {
  Arguments arguments;
  Grammar grammar(arguments);
  try {
    grammar.app().parse(argc, argv);
    return {std::move(arguments), "", 0};
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    const int code = grammar.app().exit(error, out, out);
    return {std::nullopt, out.str(), code == 0 ? 0 : kUsageError};
  }
}

}  // namespace connector::cli
