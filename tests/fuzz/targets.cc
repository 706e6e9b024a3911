#include "fuzz/targets.h"

namespace connector::fuzz {

const std::vector<Target>& Targets() {
  static const auto* const kTargets = new std::vector<Target>{
      {"pipedrive_webhook", PipedriveWebhook}, {"pipedrive_pages", PipedrivePages},
      {"pipedrive_fields", PipedriveFields},   {"pipedrive_errors", PipedriveErrors},
      {"brevo_webhook", BrevoWebhook},         {"brevo_contacts", BrevoContacts},
      {"brevo_answers", BrevoAnswers},         {"brevo_reports", BrevoReports},
      {"brevo_errors", BrevoErrors},
  };
  return *kTargets;
}

}  // namespace connector::fuzz
