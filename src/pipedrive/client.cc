#include "pipedrive/client.h"

#include "pipedrive/v1_client.h"
#include "pipedrive/v2_client.h"

namespace connector::pipedrive {

std::string IncludedFields(const Selection& selection) {
  std::string names;
  if (selection.deal_counts) {
    names = "won_deals_count,lost_deals_count,open_deals_count,closed_deals_count";
  }
  if (selection.marketing_status) names += names.empty() ? "marketing_status" : ",marketing_status";
  return names;
}

std::unique_ptr<Client> MakeClient(Options options, http::Caller& caller) {
  if (options.version == ApiVersion::kV1) {
    return std::make_unique<V1Client>(std::move(options), caller);
  }
  return std::make_unique<V2Client>(std::move(options), caller);
}

}  // namespace connector::pipedrive
