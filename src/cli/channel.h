#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/secret.h"
#include "cli/arguments.h"

namespace connector::cli {

// How to reach the server of `arguments`: plaintext, TLS or mTLS, with `token` as bearer token if
// it is not empty. FAILED_PRECONDITION names a file that can't be read.
absl::StatusOr<std::shared_ptr<grpc::ChannelInterface>> MakeChannel(const Arguments& arguments,
                                                                    const Secret& token);

// The token of --token-file or else of the environment; never of the command line, which every user
// of the machine can read.
absl::StatusOr<Secret> ReadToken(const Arguments& arguments, const char* from_environment);

}  // namespace connector::cli
