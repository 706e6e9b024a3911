#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "http/transport.h"

namespace connector::http {

class CurlPool;

// The transport over libcurl. Connections are kept alive, one for each thread that is in Send at
// the same time; the DNS and TLS session caches are shared by all of them. Certificates are always
// verified, TLS is 1.2 or newer, redirects are never followed, and plain HTTP goes to loopback
// only. curl's own silent repeat of a request on a dead kept-alive connection is switched off for
// whatever has a body or is a POST, since the first one may have been processed.
class CurlTransport : public Transport {
 public:
  struct Options {
    std::string version{};  // of the product, for User-Agent
    bool http2 = false;     // curl 7.88's HTTP/2 has defects; HTTP/1.1 is faster here, too
    std::string proxy{};    // "http://proxy:3128"; empty: none, whatever the environment says
    std::string ca_file{};  // PEM bundle; empty: the system's
    Duration connect_timeout = std::chrono::seconds(10);
    // A connection idle for longer is not used again: the vendors' edges close theirs soon after.
    Duration connection_max_idle = std::chrono::seconds(55);
    size_t most_idle_handles = 64;
  };

  // Fails with FAILED_PRECONDITION if the CA file can't be read or libcurl lacks TLS.
  static absl::StatusOr<std::unique_ptr<CurlTransport>> Make(Options options);
  ~CurlTransport() override;

  absl::StatusOr<Response> Send(const Request& request) override;

 private:
  CurlTransport(Options options, std::unique_ptr<CurlPool> pool);

  const Options options_;
  const std::string user_agent_;
  const std::unique_ptr<CurlPool> pool_;
};

}  // namespace connector::http
