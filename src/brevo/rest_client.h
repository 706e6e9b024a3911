#pragma once

#include "brevo/client.h"
#include "http/url.h"

namespace connector::brevo {

// The API v3 over HTTP. Any thread; both callers must outlive it.
class RestClient : public Client {
 public:
  RestClient(Options options, http::Caller& caller, http::Caller& foreign)
      : options_(std::move(options)), caller_(caller), foreign_(foreign) {}

  absl::StatusOr<ContactPage> ListContacts(int64_t offset, std::optional<Time> modified_since,
                                           const http::CallContext& context) override;
  absl::StatusOr<Contact> GetContact(const ContactId& id,
                                     const http::CallContext& context) override;
  absl::StatusOr<int64_t> CreateContact(const ContactWrite& write,
                                        const http::CallContext& context) override;
  absl::Status UpdateContact(const ContactId& id, const ContactWrite& write,
                             const http::CallContext& context) override;
  absl::Status DeleteContact(const ContactId& id, const http::CallContext& context) override;
  absl::Status RemoveFromList(int64_t list_id, const std::vector<std::string>& emails,
                              const http::CallContext& context) override;
  absl::StatusOr<int64_t> StartImport(const ImportBody& body,
                                      const http::CallContext& context) override;
  absl::StatusOr<std::vector<Process>> ListProcesses(const http::CallContext& context) override;
  absl::Status ReadReport(const std::string& url,
                          const std::function<void(std::string_view email)>& row,
                          const http::CallContext& context) override;
  absl::StatusOr<std::vector<BrevoAttribute>> ListAttributes(
      const http::CallContext& context) override;
  absl::StatusOr<std::vector<BrevoList>> ListLists(const http::CallContext& context) override;
  absl::Status CreateAttribute(const BrevoAttribute& attribute,
                               const http::CallContext& context) override;
  absl::StatusOr<BrevoAccount> GetAccount(const http::CallContext& context) override;
  absl::Status SendEvent(const Event& event, const http::CallContext& context) override;
  absl::StatusOr<std::vector<absl::Status>> SendEvents(std::span<const Event> events,
                                                       const http::CallContext& context) override;
  absl::StatusOr<EventPage> ListEvents(const EventsQuery& query,
                                       const http::CallContext& context) override;

 private:
  // One call of the API.
  struct Exchange {
    const quota::Operation& operation;
    http::Method method = http::Method::kGet;
    http::Url url;
    std::string_view body;
    bool reads_refusal = false;  // the reader judges a 400 too
  };
  // Judges a 2xx answer within the retry loop, so that one that cannot be read is asked for again.
  using Reader = std::function<absl::Status(const http::Response&)>;

  http::Url At(std::string_view path) const { return http::Url(options_.base_url, path); }
  absl::Status Send(const Exchange& exchange, const http::CallContext& context,
                    const Reader& read) const;
  // `decode` makes an absl::StatusOr<T> of the answer.
  template <typename T, typename Decode>
  absl::StatusOr<T> SendDecoded(const Exchange& exchange, const http::CallContext& context,
                                const Decode& decode) const;

  const Options options_;
  http::Caller& caller_;
  http::Caller& foreign_;
};

}  // namespace connector::brevo
