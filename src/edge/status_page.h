#pragma once

// The status page for people on call: its files, made part of the program when it is built
// (src/edge/page/), and the data they show.

#include <functional>
#include <string>
#include <string_view>

#include "edge/http_server.h"
#include "model/run.h"
#include "model/service_status.h"
#include "worker/status_history.h"

namespace connector::edge {

extern const std::string_view kStatusHtml;
extern const std::string_view kStatusCss;
extern const std::string_view kStatusJs;

// The page's files by path: "/" and "/status", "/status.css", "/status.js"; false for any other.
// They may load, run and call nothing but what comes from the same listener.
bool FindPageFile(std::string_view path, HttpResponse& answer);

// The data, as JSON. E-mail addresses are shortened, since whoever reaches the listener may look.
std::string StatusJson(const ServiceStatus& status, const worker::StatusHistory::Snapshot& history);

// "a…@example.com" for every address in `text`.
std::string ShortenAddresses(std::string_view text);

// What to do about a failure, in a sentence.
std::string_view FailureHint(FailureReason reason);

}  // namespace connector::edge
