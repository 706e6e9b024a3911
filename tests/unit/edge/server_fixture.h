#pragma once

// Servers and handlers that several tests use.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "edge/http_server.h"
#include "unit/edge/wire_client.h"

namespace connector::edge {

// On a free port of 127.0.0.1 unless `options` names an address.
inline std::unique_ptr<HttpServer> Serve(HttpServer::Options options, Handler handler) {
  if (options.listen.empty()) options.listen = "127.0.0.1:0";
  auto server = MakeHttpServer(std::move(options), std::move(handler));
  EXPECT_TRUE(server.ok()) << server.status();
  return server.ok() ? *std::move(server) : nullptr;
}

inline void Echo(HttpRequest request, const Responder& respond) {
  respond({.body = std::move(request.body)});
}

inline void EchoPath(HttpRequest request, const Responder& respond) {
  respond({.body = std::move(request.path)});
}

inline bool HasIpv6() {
  const auto server = MakeHttpServer({.listen = "[::1]:0"}, Echo);
  return server.ok() && WireClient((*server)->port(), /*ipv6=*/true).connected();
}

}  // namespace connector::edge
