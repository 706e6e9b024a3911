#include "brevo/rest_client.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "brevo/answer_decoders.h"
#include "brevo/attribute_codec.h"
#include "brevo/contact_decoder.h"
#include "brevo/contact_encoder.h"
#include "brevo/errors.h"
#include "brevo/operations.h"
#include "brevo/process_decoder.h"
#include "brevo/report_reader.h"
#include "http/answer.h"

namespace connector::brevo {
namespace {

constexpr int64_t kContactsPerPage = 1000;
constexpr int64_t kListsPerPage = 50;
constexpr int64_t kProcesses = 50;
constexpr size_t kMaxRemovals = 150;
// More lists than any account has: an API that never ends is not followed.
constexpr int kMaxListPages = 1000;
constexpr size_t kMaxPageBytes = size_t{16} << 20;
constexpr size_t kMaxReportBytes = size_t{64} << 20;

http::Url ContactUrl(http::Url url, const ContactId& id) {
  url.Segment(id.value);
  switch (id.type) {
    case ContactId::Type::kBrevoId:
      return url.Query("identifierType", "contact_id");
    case ContactId::Type::kEmail:
      return url.Query("identifierType", "email_id");
    case ContactId::Type::kExtId:
      return url.Query("identifierType", "ext_id");
  }
  return url;
}

absl::Status Refused(std::string_view text) {
  return WithReaction(MakeStatus(absl::StatusCode::kInvalidArgument, text), Reaction::kFailRecord);
}

absl::Status NothingToRead(const http::Response&) { return absl::OkStatus(); }

// One answer, worded with "in" and with "removed from", for "is not in it" and "does not exist":
// either way it is not in the list.
bool IsNotInList(const absl::Status& status) {
  return absl::IsInvalidArgument(status) &&
         ToStd(status.message()).find("list and/or does not exist") != std::string_view::npos;
}

}  // namespace

absl::Status RestClient::Send(const Exchange& exchange, const http::CallContext& context,
                              const Reader& read) const {
  http::Request request;
  request.method = exchange.method;
  request.url = exchange.url.text();
  request.headers = {{"api-key", options_.api_key.Reveal()}, {"accept", "application/json"}};
  request.body = exchange.body;
  request.max_response_bytes = kMaxPageBytes;
  const auto classify = [&](const http::Response& response) {
    if (response.status == 400 && exchange.reads_refusal) {
      return read(http::Redacted(response, options_.api_key));
    }
    if (response.status >= 300) {
      return Classify(exchange.operation, http::Redacted(response, options_.api_key));
    }
    CONNECTOR_RETURN_IF_ERROR(Classify(exchange.operation, response));
    return read(response);
  };
  return caller_.Call(exchange.operation, request, context, classify).status();
}

template <typename T, typename Decode>
absl::StatusOr<T> RestClient::SendDecoded(const Exchange& exchange,
                                          const http::CallContext& context,
                                          const Decode& decode) const {
  absl::StatusOr<T> result = absl::InternalError("the answer was not judged");
  CONNECTOR_RETURN_IF_ERROR(
      Send(exchange, context, [&result, &decode](const http::Response& response) {
        result = decode(response);
        return result.status();
      }));
  return result;
}

absl::StatusOr<ContactPage> RestClient::ListContacts(int64_t offset,
                                                     std::optional<Time> modified_since,
                                                     const http::CallContext& context) {
  http::Url url = At("/v3/contacts");
  url.Query("limit", kContactsPerPage).Query("offset", offset).Query("sort", "asc");
  if (modified_since) url.Query("modifiedSince", FormatTimestamp(*modified_since));
  return SendDecoded<ContactPage>({kListContacts, http::Method::kGet, url, {}}, context,
                                  [](const http::Response& response) {
                                    auto page = DecodeContacts(response.body);
                                    if (page.ok()) page->server_time = http::ServerTime(response);
                                    return page;
                                  });
}

absl::StatusOr<Contact> RestClient::GetContact(const ContactId& id,
                                               const http::CallContext& context) {
  return SendDecoded<Contact>(
      {kGetContact, http::Method::kGet, ContactUrl(At("/v3/contacts"), id), {}}, context,
      [](const http::Response& response) { return DecodeContact(response.body); });
}

absl::StatusOr<int64_t> RestClient::CreateContact(const ContactWrite& write,
                                                  const http::CallContext& context) {
  const std::string body = EncodeCreate(write);
  return SendDecoded<int64_t>(
      {kCreateContact, http::Method::kPost, At("/v3/contacts"), body}, context,
      [](const http::Response& response) { return DecodeNumber(response.body, "id"); });
}

absl::Status RestClient::UpdateContact(const ContactId& id, const ContactWrite& write,
                                       const http::CallContext& context) {
  const std::string body = EncodeUpdate(write);
  return Send({kUpdateContact, http::Method::kPut, ContactUrl(At("/v3/contacts"), id), body},
              context, NothingToRead);
}

absl::Status RestClient::DeleteContact(const ContactId& id, const http::CallContext& context) {
  return Send({kDeleteContact, http::Method::kDelete, ContactUrl(At("/v3/contacts"), id), {}},
              context, NothingToRead);
}

absl::Status RestClient::RemoveFromList(int64_t list_id, const std::vector<std::string>& emails,
                                        const http::CallContext& context) {
  if (emails.empty()) return absl::OkStatus();
  if (emails.size() > kMaxRemovals) {
    return Refused("Brevo removes at most 150 contacts from a list in one call");
  }
  const std::string body = EncodeEmails(emails);
  http::Url url = At("/v3/contacts/lists");
  url.Segment(list_id).Segment("contacts").Segment("remove");
  const absl::Status status =
      Send({kRemoveFromList, http::Method::kPost, url, body}, context, NothingToRead);
  return IsNotInList(status) ? absl::OkStatus() : status;
}

absl::StatusOr<int64_t> RestClient::StartImport(const ImportBody& body,
                                                const http::CallContext& context) {
  if (!body.finished() || body.rows() == 0) return Refused("the import is empty or not finished");
  return SendDecoded<int64_t>(
      {kStartImport, http::Method::kPost, At("/v3/contacts/import"), body.text()}, context,
      [](const http::Response& response) { return DecodeNumber(response.body, "processId"); });
}

absl::StatusOr<std::vector<Process>> RestClient::ListProcesses(const http::CallContext& context) {
  http::Url url = At("/v3/processes");
  url.Query("limit", kProcesses).Query("sort", "desc");
  return SendDecoded<std::vector<Process>>(
      {kListProcesses, http::Method::kGet, url, {}}, context,
      [](const http::Response& response) { return DecodeProcesses(response.body); });
}

absl::Status RestClient::ReadReport(const std::string& url,
                                    const std::function<void(std::string_view email)>& row,
                                    const http::CallContext& context) {
  if (!http::IsWebAddress(url)) return Refused("the address of an import report is no web address");
  // Neither credential nor address may show: a report's address holds a signature.
  http::Request request;
  request.url = url;
  request.max_response_bytes = kMaxReportBytes;
  const auto answer = foreign_.Call(kReadReport, request, context, ClassifyReport);
  if (!answer.ok()) return answer.status();
  ReadReportRows(answer->body, row);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<BrevoAttribute>> RestClient::ListAttributes(
    const http::CallContext& context) {
  return SendDecoded<std::vector<BrevoAttribute>>(
      {kListAttributes, http::Method::kGet, At("/v3/contacts/attributes"), {}}, context,
      [](const http::Response& response) { return DecodeAttributes(response.body); });
}

absl::StatusOr<std::vector<BrevoList>> RestClient::ListLists(const http::CallContext& context) {
  std::vector<BrevoList> lists;
  for (int pages = 0; pages < kMaxListPages; ++pages) {
    http::Url url = At("/v3/contacts/lists");
    url.Query("limit", kListsPerPage).Query("offset", pages * kListsPerPage).Query("sort", "asc");
    CONNECTOR_ASSIGN_OR_RETURN(
        ListPage page, SendDecoded<ListPage>({kListLists, http::Method::kGet, url, {}}, context,
                                             [](const http::Response& response) {
                                               return DecodeLists(response.body);
                                             }));
    lists.insert(lists.end(), page.lists.begin(), page.lists.end());
    if (page.lists.empty() || (pages + 1) * kListsPerPage >= page.total) return lists;
  }
  return Unreadable("the list of lists never ends");
}

absl::Status RestClient::CreateAttribute(const BrevoAttribute& attribute,
                                         const http::CallContext& context) {
  CONNECTOR_ASSIGN_OR_RETURN(const std::string body, EncodeAttribute(attribute));
  http::Url url = At("/v3/contacts/attributes");
  url.Segment(AttributeCategory(attribute)).Segment(attribute.name);
  const absl::Status status =
      Send({kCreateAttribute, http::Method::kPost, url, body}, context, NothingToRead);
  return absl::IsAlreadyExists(status) ? absl::OkStatus() : status;
}

absl::StatusOr<BrevoAccount> RestClient::GetAccount(const http::CallContext& context) {
  return SendDecoded<BrevoAccount>(
      {kGetAccount, http::Method::kGet, At("/v3/account"), {}}, context,
      [](const http::Response& response) { return DecodeAccount(response.body); });
}

std::unique_ptr<Client> MakeClient(Options options, http::Caller& caller, http::Caller& foreign) {
  return std::make_unique<RestClient>(std::move(options), caller, foreign);
}

}  // namespace connector::brevo
