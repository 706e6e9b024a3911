#include "config/checks.h"

#include "absl/strings/str_cat.h"
#include "base/strings.h"
#include "config/addresses.h"
#include "config/fields.h"

namespace connector::config {
namespace {

int LineOfKey(const Lines& lines, std::string_view key) {
  const auto found = lines.find(key);
  return found == lines.end() ? 0 : found->second;
}

// "your-pipedrive-api-token", "<token>", "changeme": what examples hold where a secret belongs.
bool IsPlaceholder(std::string_view text) {
  const std::string lower = AsciiLower(text);
  for (std::string_view start : {"your", "my-", "<", "xxx", "..."}) {
    if (lower.starts_with(start)) return true;
  }
  for (std::string_view part : {"changeme", "change-me", "placeholder", "replace"}) {
    if (lower.find(part) != std::string_view::npos) return true;
  }
  return false;
}

void CheckPlaceholders(const Lines& lines, Problems& problems, Config& config) {
  for (const Field& field : Fields()) {
    const Slot slot = field.slot(config);
    const Secret* const* secret = std::get_if<Secret*>(&slot);
    const std::string* const* text = std::get_if<std::string*>(&slot);
    if (secret != nullptr && IsPlaceholder((*secret)->Reveal())) {
      problems.Warning(LineOfKey(lines, field.key), std::string(field.key),
                       "looks like the example's value, not like a credential of yours");
    } else if (field.kind == Kind::kDomain && IsPlaceholder(**text)) {
      problems.Warning(LineOfKey(lines, field.key), std::string(field.key),
                       absl::StrCat("\"", **text, "\" looks like the example's value"));
    }
  }
}

// Where Pipedrive's OAuth server is (facts: marketplace-oauth-authorization).
constexpr char kOAuthServer[] = "https://oauth.pipedrive.com";
constexpr std::string_view kCallbackPath = "/oauth/callback";
// Of base64: what 192 bits take, so that 32 random bytes always pass.
constexpr size_t kShortestKey = 32;

void CheckOAuth(const Lines& lines, Problems& problems, PipedriveConfig& pipedrive) {
  OAuthConfig& oauth = pipedrive.oauth;
  if (!oauth.redirect_uri.empty() && !oauth.redirect_uri.ends_with(kCallbackPath)) {
    problems.Warning(LineOfKey(lines, "connectors.pipedrive.oauth.redirect_uri"),
                     "connectors.pipedrive.oauth.redirect_uri",
                     "does not end in /oauth/callback, the only path that this service answers");
  }
  // Plain http is for a simulator on this machine, which serves both.
  const bool simulated = pipedrive.api_base_url.starts_with("http://");
  if (oauth.base_url.empty()) oauth.base_url = simulated ? pipedrive.api_base_url : kOAuthServer;
}

void CheckEncryption(const Lines& lines, Problems& problems, const Config& config) {
  const std::string key = "store.encryption_key";
  const size_t length = config.store_encryption_key.Reveal().size();
  if (length > 0 && length < kShortestKey) {
    problems.Error(LineOfKey(lines, key), key,
                   "is too short: at least 32 characters, such as openssl rand -base64 32 prints");
  }
  const bool has_oauth = !config.connections.front().pipedrive.oauth.client_id.empty();
  if (has_oauth && length == 0 && !lines.contains(key)) {
    problems.Warning(LineOfKey(lines, "connectors.pipedrive.oauth.client_id"), key,
                     "is missing, so OAuth tokens are encrypted with a key made of client_secret, "
                     "and a new client_secret means authorizing again");
  }
}

void CheckPipedrive(const Lines& lines, Problems& problems, PipedriveConfig& pipedrive) {
  const int section = LineOfKey(lines, "connectors.pipedrive");
  if (!pipedrive.enabled) return;
  const bool has_oauth = !pipedrive.oauth.client_id.empty();
  const auto is_missing = [&lines](std::string_view key) { return !lines.contains(key); };
  if (pipedrive.api_token.empty() && !has_oauth && is_missing("connectors.pipedrive.api_token")) {
    problems.Error(section, "connectors.pipedrive.api_token",
                   "is missing; set it, api_token_file or PIPEDRIVE_API_TOKEN, or use oauth");
  }
  if (has_oauth && is_missing("connectors.pipedrive.oauth.client_secret")) {
    problems.Error(section, "connectors.pipedrive.oauth.client_secret",
                   "is missing; OAuth needs it beside client_id");
  }
  if (has_oauth && is_missing("connectors.pipedrive.oauth.redirect_uri")) {
    problems.Error(section, "connectors.pipedrive.oauth.redirect_uri",
                   "is missing; OAuth needs it beside client_id");
  }
  CheckOAuth(lines, problems, pipedrive);
  if (!pipedrive.api_base_url.empty()) return;
  if (!pipedrive.company_domain.empty()) {
    pipedrive.api_base_url = absl::StrCat("https://", pipedrive.company_domain, ".pipedrive.com");
  } else if (is_missing("connectors.pipedrive.company_domain")) {
    problems.Error(section, "connectors.pipedrive.company_domain",
                   "is missing; it is the part before .pipedrive.com in your address bar");
  }
}

// A webhook that is subscribed but can't prove itself would only ever be refused.
void CheckDoors(const Lines& lines, Problems& problems, const Connection& connection) {
  const DoorConfig& pipedrive = connection.pipedrive.webhook;
  const DoorConfig& brevo = connection.brevo.webhook;
  if (!pipedrive.public_url.empty() && !lines.contains("connectors.pipedrive.webhook.password")) {
    problems.Error(LineOfKey(lines, "connectors.pipedrive.webhook.public_url"),
                   "connectors.pipedrive.webhook.password",
                   "is missing; with public_url set, webhooks come, and without a password each is "
                   "refused");
  }
  if (!brevo.public_url.empty() && !lines.contains("connectors.brevo.webhook.token")) {
    problems.Error(LineOfKey(lines, "connectors.brevo.webhook.public_url"),
                   "connectors.brevo.webhook.token",
                   "is missing; with public_url set, webhooks come, and without a token each is "
                   "refused");
  }
}

struct ListUse {
  std::string section;
  std::string name;
  int line = 0;
  bool is_stage = false;  // stages may share a list: that is what the mapping is for
};

void CheckLists(const Lines& lines, Problems& problems, const Connection& connection) {
  std::map<int64_t, std::vector<ListUse>> uses;
  const ListsConfig& lists = connection.lists;
  for (const auto& [name, id] : {std::pair{"all_contacts", lists.all_contacts},
                                 {"qualified_leads", lists.qualified_leads},
                                 {"customers", lists.customers},
                                 {"churned", lists.churned}}) {
    const int line = LineOfKey(lines, absl::StrCat("connectors.pipedrive.lists.", name));
    if (id != 0)
      uses[id].push_back({"connectors.pipedrive.lists", absl::StrCat("lists.", name), line, false});
  }
  for (const StageRule& rule : connection.deal_stage_mapping) {
    const bool is_stage = rule.key != "won" && rule.key != "lost";
    const std::string pipeline = rule.pipeline_id ? absl::StrCat(*rule.pipeline_id, "/") : "";
    const std::string what = absl::StrCat(is_stage ? "stage " : "", pipeline, rule.key);
    uses[rule.list_id].push_back({"deal_stage_mapping", what, rule.line, is_stage});
  }
  for (const auto& [id, list] : uses) {
    bool names_differ = false;
    std::string names = list.front().name;
    for (size_t i = 1; i < list.size(); ++i) {
      names_differ = names_differ || !list[i].is_stage || !list.front().is_stage;
      absl::StrAppend(&names, ", ", list[i].name);
    }
    if (!names_differ) continue;
    problems.Warning(list.back().line, list.back().section,
                     absl::StrCat("list ", id, " serves several purposes (", names,
                                  "): a contact is on it while any of them holds"));
  }
}

void CheckGrpc(const Lines& lines, Problems& problems, const ServerConfig& server) {
  const TlsConfig& tls = server.grpc_tls;
  const int line = LineOfKey(lines, "server.grpc.listen");
  if (tls.cert_file.empty() != tls.key_file.empty()) {
    problems.Error(LineOfKey(lines, "server.grpc.tls"), "server.grpc.tls",
                   "cert_file and key_file belong together; set both or neither");
  } else if (tls.cert_file.empty() && !tls.client_ca_file.empty()) {
    problems.Error(LineOfKey(lines, "server.grpc.tls.client_ca_file"),
                   "server.grpc.tls.client_ca_file", "needs cert_file and key_file");
  }
  if (!tls.cert_file.empty() || IsLoopbackListen(server.grpc_listen)) return;
  if (!server.grpc_insecure) {
    problems.Error(line, "server.grpc.listen",
                   "is reachable from other machines without TLS; set server.grpc.tls.cert_file "
                   "and key_file, or server.grpc.insecure: true where the network is trusted");
  } else if (!server.grpc_tokens.empty()) {
    problems.Error(LineOfKey(lines, "server.grpc.tokens"), "server.grpc.tokens",
                   "would travel in the clear; set server.grpc.tls.cert_file and key_file");
  }
}

}  // namespace

void CheckWhole(const Lines& lines, Problems& problems, Config& config) {
  for (Connection& connection : config.connections) {
    CheckPipedrive(lines, problems, connection.pipedrive);
    CheckDoors(lines, problems, connection);
    CheckLists(lines, problems, connection);
    if (connection.pipedrive.enabled && connection.brevo.api_key.empty() &&
        !lines.contains("connectors.brevo.api_key")) {
      problems.Warning(0, "connectors.brevo.api_key",
                       "is missing, so nothing can reach Brevo; set it, api_key_file or "
                       "BREVO_API_KEY");
    }
    if (connection.person_mapping.empty() && !lines.contains("person_mapping")) {
      problems.Warning(0, "person_mapping", "is missing, so only e-mail addresses are synced");
    }
  }
  CheckEncryption(lines, problems, config);
  CheckGrpc(lines, problems, config.server);
  CheckPlaceholders(lines, problems, config);
}

}  // namespace connector::config
