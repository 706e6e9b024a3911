#pragma once

#include "http/transport.h"
#include "quota/headers.h"
#include "quota/operation.h"

namespace connector::http {

// Reads what an answer says about the limits of `api`.
quota::QuotaHeaders ReadQuotaHeaders(quota::Api api, const Response& response);

}  // namespace connector::http
