#include "pipedrive/client.h"

#include "pipedrive/v1_client.h"
#include "pipedrive/v2_client.h"

namespace connector::pipedrive {

std::unique_ptr<Client> MakeClient(Options options, http::Caller& caller) {
  if (options.version == ApiVersion::kV1) {
    return std::make_unique<V1Client>(std::move(options), caller);
  }
  return std::make_unique<V2Client>(std::move(options), caller);
}

}  // namespace connector::pipedrive
