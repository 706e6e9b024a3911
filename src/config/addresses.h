#pragma once

// Checks of addresses. Each returns what is wrong as the end of a sentence that begins with the
// value, "" if nothing.

#include <string>
#include <string_view>

namespace connector::config {

// "https://host[:port]"; plain http to loopback only.
std::string CheckOrigin(const std::string& text);

// As CheckOrigin, with any path.
std::string CheckUrl(const std::string& text);

// "http://[user:password@]host:port", also https and socks5.
std::string CheckProxy(const std::string& text);

// "HOST:PORT", ":PORT", "[IPv6]:PORT".
std::string CheckListen(const std::string& text);

// "sqlite:PATH", "postgresql://...".
std::string CheckStoreUrl(const std::string& text);

std::string CheckCompanyDomain(const std::string& text);

// What Brevo takes as the name of an event.
std::string CheckEventName(const std::string& text);

// Addresses and networks ("10.0.0.0/8") with commas or blanks between them.
std::string CheckNetworks(const std::string& text);

// True for a `listen` address that only this machine reaches.
bool IsLoopbackListen(std::string_view listen);

// Two capital letters.
std::string CheckRegion(const std::string& text);

}  // namespace connector::config
