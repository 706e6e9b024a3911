#pragma once

// The decoders of bytes that others send, each as one function of the bytes. A target returns what
// is wrong with the decoder's answer, "" if nothing is; that it returns at all is the other half.

#include <string>
#include <string_view>
#include <vector>

namespace connector::fuzz {

std::string PipedriveWebhook(std::string_view bytes);
std::string PipedrivePages(std::string_view bytes);
std::string PipedriveFields(std::string_view bytes);
std::string PipedriveErrors(std::string_view bytes);
std::string BrevoWebhook(std::string_view bytes);
std::string BrevoContacts(std::string_view bytes);
std::string BrevoAnswers(std::string_view bytes);
std::string BrevoReports(std::string_view bytes);
std::string BrevoErrors(std::string_view bytes);

struct Target {
  const char* name;  // also the directory of its corpus
  std::string (*run)(std::string_view bytes);
};

const std::vector<Target>& Targets();

}  // namespace connector::fuzz
