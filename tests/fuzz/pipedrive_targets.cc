#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "fuzz/targets.h"
#include "pipedrive/deal_decoder.h"
#include "pipedrive/errors.h"
#include "pipedrive/field_decoder.h"
#include "pipedrive/operations.h"
#include "pipedrive/organization_decoder.h"
#include "pipedrive/person_decoder_v1.h"
#include "pipedrive/person_decoder_v2.h"
#include "pipedrive/subscription_codec.h"
#include "pipedrive/webhook_decoder.h"

namespace connector::fuzz {
namespace {

using pipedrive::DecodedPage;
using pipedrive::Page;

std::string RefusedWrongly(const absl::Status& status) {
  if (!absl::IsUnavailable(status)) return absl::StrCat("not UNAVAILABLE: ", status.ToString());
  if (ReactionOf(status) != Reaction::kRetry) return "an unreadable page is worth another try";
  return "";
}

template <typename Record>
std::string WrongPage(const Page<Record>& page) {
  for (const Record& record : page.records) {
    if (record.id <= 0) return "a record without an id is no record";
  }
  for (const auto& malformed : page.malformed) {
    if (malformed.problem.empty()) return "a malformed record without a problem";
  }
  return "";
}

template <typename Record>
std::string Judge(const absl::StatusOr<Page<Record>>& page) {
  return page.ok() ? WrongPage(*page) : RefusedWrongly(page.status());
}

template <typename Record>
std::string Judge(const absl::StatusOr<DecodedPage<Record>>& decoded) {
  return decoded.ok() ? WrongPage(decoded->page) : RefusedWrongly(decoded.status());
}

pipedrive::Selection Wanted() {
  pipedrive::Selection selection;
  selection.deal_counts = true;
  for (const auto& [digit, type] :
       {std::pair('a', "enum"), std::pair('b', "set"), std::pair('c', "monetary"),
        std::pair('d', "daterange"), std::pair('e', "people"), std::pair('f', "")}) {
    selection.custom_keys.emplace_back(40, digit);
    selection.custom_types[selection.custom_keys.back()] = type;
  }
  return selection;
}

std::string WrongEvent(const SourceEvent& event) {
  if (event.object_name.empty() || event.action_name.empty()) return "nameless";
  if (event.object != SourceObject::kOther && event.id.empty()) return "no id";
  if (event.id.size() > 64 || event.event_id.size() > 64) return "an id of any length";
  const bool timed = event.update_time.has_value() || event.occurred_at.has_value();
  if (event.key.empty() == timed) return "a key needs a time, and a time makes a key";
  if (event.hint && !std::holds_alternative<std::monostate>(event.record)) {
    return "a hint is not to be believed";
  }
  const auto* person = std::get_if<Person>(&event.record);
  if (person != nullptr && std::to_string(person->id) != event.id) return "another person";
  const auto* deal = std::get_if<Deal>(&event.record);
  if (deal != nullptr && std::to_string(deal->id) != event.id) return "another deal";
  return "";
}

}  // namespace

std::string PipedriveWebhook(std::string_view bytes) {
  const auto event = pipedrive::DecodeWebhook(bytes);
  if (event.ok()) return WrongEvent(*event);
  if (!absl::IsInvalidArgument(event.status())) return event.status().ToString();
  return event.status().message().empty() ? "refused without a reason" : "";
}

std::string PipedrivePages(std::string_view bytes) {
  static const pipedrive::Selection wanted = Wanted();
  std::string wrong = Judge(pipedrive::DecodePersonsV2(bytes, wanted));
  if (wrong.empty()) wrong = Judge(pipedrive::DecodePersonsV1(bytes, wanted));
  if (wrong.empty()) wrong = Judge(pipedrive::DecodeOrganizationsV2(bytes, wanted));
  if (wrong.empty()) wrong = Judge(pipedrive::DecodeOrganizationsV1(bytes, wanted));
  if (wrong.empty()) {
    const pipedrive::WantedFields fields(wanted);
    wrong = Judge(pipedrive::DecodePage<Deal>(
        bytes, pipedrive::NullList::kIsEmpty,
        [&](pipedrive::RecordReader& reader) { return DecodeDealV1(reader, fields); }));
  }
  return wrong;
}

std::string PipedriveFields(std::string_view bytes) {
  for (const auto& page : {pipedrive::DecodeFieldsV2(bytes), pipedrive::DecodeFieldsV1(bytes)}) {
    if (!page.ok()) return RefusedWrongly(page.status());
    for (const PipedriveField& field : page->fields) {
      if (field.key.empty()) return "a field without a key";
    }
  }
  for (const absl::Status& status :
       {pipedrive::DecodeAccount(bytes).status(), pipedrive::DecodeSubscriptions(bytes).status(),
        pipedrive::DecodeSubscriptionId(bytes).status()}) {
    const std::string wrong = status.ok() ? "" : RefusedWrongly(status);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

std::string PipedriveErrors(std::string_view bytes) {
  for (const int status : {200, 204, 302, 400, 401, 403, 404, 422, 429, 500}) {
    for (const char* type : {"application/json", "text/html"}) {
      const http::Response response{status, {{"content-type", type}}, std::string(bytes)};
      const absl::Status judged = pipedrive::Classify(pipedrive::kListPersons, response);
      if (judged.ok() && status >= 300) return absl::StrCat(status, " is OK");
      if (!judged.ok() && judged.message().size() > 2000) return "the answer itself as an error";
    }
  }
  return "";
}

}  // namespace connector::fuzz
