#pragma once

#include <grpcpp/grpcpp.h>

#include "base/clock.h"

namespace connector::rpc {

// The caller's deadline in the time of `clock`, at most `longest` of real time away.
Time DeadlineOf(const grpc::CallbackServerContext& context, const Clock& clock, Duration longest);

}  // namespace connector::rpc
