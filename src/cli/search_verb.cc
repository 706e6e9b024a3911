#include <algorithm>
#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/call.h"
#include "cli/table.h"
#include "pipedrive_connector/v1/service.grpc.pb.h"

namespace connector::cli {
namespace {

namespace v1 = ::pipedrive_connector::v1;

// Pipedrive's own limit of a search page.
constexpr int kMaxSearchPage = 100;
constexpr char kTypePrefix[] = "SEARCH_ITEM_TYPE_";

// "mail_attachment"; "other" for a type that this release doesn't know.
std::string TypeName(v1::SearchItemType type) {
  if (type == v1::SEARCH_ITEM_TYPE_UNSPECIFIED) return "other";
  return absl::AsciiStrToLower(v1::SearchItemType_Name(type).substr(sizeof(kTypePrefix) - 1));
}

std::string MoneyText(const v1::Money& money) {
  return money.currency().empty() ? money.amount()
                                  : absl::StrCat(money.amount(), " ", money.currency());
}

std::string StatusText(v1::DealStatus status) {
  if (status == v1::DEAL_STATUS_UNSPECIFIED) return "";
  return absl::AsciiStrToLower(v1::DealStatus_Name(status).substr(sizeof("DEAL_STATUS_") - 1));
}

// What helps to tell items of one title apart.
std::vector<std::string> Details(const v1::SearchItem& item) {
  switch (item.detail_case()) {
    case v1::SearchItem::kPerson:
      return {item.person().emails().empty() ? "" : item.person().emails(0),
              item.person().phones().empty() ? "" : item.person().phones(0),
              item.person().organization_name()};
    case v1::SearchItem::kDeal:
      return {StatusText(item.deal().status()), MoneyText(item.deal().value()),
              item.deal().stage_name(), item.deal().person_name(), item.deal().organization_name()};
    case v1::SearchItem::kOrganization:
      return {item.organization().address()};
    case v1::SearchItem::kLead:
      return {item.lead().is_archived() ? "archived" : "", MoneyText(item.lead().value()),
              item.lead().person_name(), item.lead().organization_name()};
    case v1::SearchItem::DETAIL_NOT_SET:
      break;
  }
  return {};
}

std::vector<std::string> Row(const v1::SearchItem& item) {
  std::vector<std::string> details = Details(item);
  std::erase(details, "");
  return {TypeName(item.type()), Printable(item.id()), Printable(item.title()),
          Printable(absl::StrJoin(details, ", ")), absl::StrFormat("%.2f", item.score())};
}

v1::SearchItemsRequest RequestOf(const Arguments& arguments) {
  v1::SearchItemsRequest request;
  request.set_connection(arguments.connection);
  request.set_term(arguments.term);
  for (const std::string& name : arguments.item_types) {
    v1::SearchItemType type = v1::SEARCH_ITEM_TYPE_UNSPECIFIED;
    v1::SearchItemType_Parse(kTypePrefix + absl::AsciiStrToUpper(name), &type);
    request.add_item_types(type);
  }
  for (const std::string& field : arguments.fields) request.add_fields(field);
  request.set_exact_match(arguments.exact);
  request.set_page_size(std::min(arguments.limit, kMaxSearchPage));
  return request;
}

}  // namespace

int Search(const CallScene& scene) {
  const auto stub = v1::PipedriveConnector::NewStub(scene.channel);
  v1::SearchItemsRequest request = RequestOf(scene.arguments);
  Table table({"TYPE", "ID", "TITLE", "DETAILS", "SCORE"});
  int left = scene.arguments.limit;
  do {
    grpc::ClientContext context;
    SetDeadline(context, scene.clock);
    v1::SearchItemsResponse response;
    const grpc::Status status = stub->SearchItems(&context, request, &response);
    if (!status.ok()) return ReportError(status, scene);
    for (const v1::SearchItem& item : response.items()) {
      if (left-- <= 0) break;
      if (scene.arguments.json) scene.terminal.out << JsonLine(item);
      table.Add(Row(item));
    }
    request.set_page_token(response.next_page_token());
  } while (left > 0 && !request.page_token().empty());
  if (scene.arguments.json) return 0;
  scene.terminal.out << (left < scene.arguments.limit ? table.Text() : "nothing found\n");
  return 0;
}

}  // namespace connector::cli
