#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "brevo/answer_decoders.h"
#include "brevo/attribute_codec.h"
#include "brevo/contact_decoder.h"
#include "brevo/errors.h"
#include "brevo/event_codec.h"
#include "brevo/operations.h"
#include "brevo/process_decoder.h"
#include "brevo/report_reader.h"
#include "brevo/webhook_decoder.h"
#include "fuzz/targets.h"

namespace connector::fuzz {
namespace {

std::string RefusedWrongly(const absl::Status& status) {
  if (status.ok()) return "";
  if (!absl::IsUnavailable(status)) return absl::StrCat("not UNAVAILABLE: ", status.ToString());
  if (ReactionOf(status) != Reaction::kRetry) return "an unreadable answer is worth another try";
  return "";
}

}  // namespace

std::string BrevoWebhook(std::string_view bytes) {
  const auto decoded = brevo::DecodeWebhook(bytes);
  if (!decoded.ok()) {
    if (!absl::IsInvalidArgument(decoded.status())) return decoded.status().ToString();
    return decoded.status().message().empty() ? "refused without a reason" : "";
  }
  for (const BrevoChange& change : decoded->changes) {
    if (change.event.empty()) return "nameless";
    if (change.email.empty() && change.kind != BrevoChange::Kind::kOther) return "of nobody";
    if (change.key.empty() == change.occurred_at.has_value()) return "a key needs a time";
  }
  return "";
}

std::string BrevoContacts(std::string_view bytes) {
  const auto page = brevo::DecodeContacts(bytes);
  if (!page.ok()) return RefusedWrongly(page.status());
  for (const Contact& contact : page->contacts) {
    if (contact.id <= 0) return "a contact without an id";
  }
  for (const auto& malformed : page->malformed) {
    if (malformed.problem.empty()) return "a malformed contact without a problem";
  }
  return RefusedWrongly(brevo::DecodeContact(bytes).status());
}

std::string BrevoAnswers(std::string_view bytes) {
  for (const absl::Status& status :
       {brevo::DecodeLists(bytes).status(), brevo::DecodeAccount(bytes).status(),
        brevo::DecodeNumber(bytes, "id").status(), brevo::DecodeProcesses(bytes).status(),
        brevo::DecodeAttributes(bytes).status(), brevo::DecodeEvents(bytes).status()}) {
    if (std::string wrong = RefusedWrongly(status); !wrong.empty()) return wrong;
  }
  const auto outcome = brevo::DecodeBatchOutcome(bytes, 3);
  if (outcome.ok() && outcome->size() != 3) return "not one status for each event";
  return RefusedWrongly(outcome.status());
}

std::string BrevoReports(std::string_view bytes) {
  size_t read = 0;
  brevo::ReadReportRows(bytes, [&read](std::string_view row) { read += row.size(); });
  return read > bytes.size() ? "more rows than bytes" : "";
}

std::string BrevoErrors(std::string_view bytes) {
  for (const int status : {200, 204, 302, 400, 401, 403, 404, 425, 429, 500}) {
    for (const char* type : {"application/json", "text/html"}) {
      const http::Response response{status, {{"content-type", type}}, std::string(bytes)};
      const absl::Status judged = brevo::Classify(brevo::kUpdateContact, response);
      if (judged.ok() && status >= 300) return absl::StrCat(status, " is OK");
      if (!judged.ok() && judged.message().size() > 2000) return "the answer itself as an error";
    }
  }
  return "";
}

}  // namespace connector::fuzz
