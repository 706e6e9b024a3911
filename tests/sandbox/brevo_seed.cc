#include "brevo_seed.h"

#include "random.h"
#include "text.h"

namespace sandbox {
namespace {

using nlohmann::json;

constexpr int64_t kOldestMs = 1'640'995'200'000;  // 2022-01-01
constexpr int64_t kSpanMs = 100'000'000'000;      // three years

std::string SwapCase(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

class Seeder {
 public:
  Seeder(BrevoAccount& account, const PipedriveAccount& pipedrive, const Options& options)
      : account_(account), pipedrive_(pipedrive), random_(options.seed * 104729 + 3) {}

  void Run(int count) {
    for (int i = 0; i < count; ++i) {
      const uint64_t dice = random_.Below(100);
      if (dice < 50 && !pipedrive_.persons.empty()) {
        AddKnown();
      } else if (dice < 58) {
        AddPhoneOnly(i);
      } else {
        AddStranger(i);
      }
    }
  }

 private:
  void Finish(BrevoContact& contact, const ContactWrite& write) {
    ContactWrite clean = write;
    clean.attributes = account_.Clean(write.attributes, true, nullptr);
    for (const std::string& kind : account_.Conflicts(clean.attributes, &contact)) {
      clean.attributes.erase(kind);
    }
    account_.Apply(contact, clean, true);
    contact.created_ms = kOldestMs + static_cast<int64_t>(random_.Below(kSpanMs));
    contact.modified_ms = contact.created_ms + static_cast<int64_t>(random_.Below(1'000'000));
  }

  // Somebody Pipedrive knows too.
  void AddKnown() {
    const Person& person = pipedrive_.persons[random_.Below(pipedrive_.persons.size())];
    std::string email;
    for (const ContactPoint& point : person.emails) {
      if (point.primary) email = point.value;
    }
    if (!IsValidEmail(email) || account_.FindByEmail(email) != nullptr) return;
    email = random_.Chance(0.15) ? SwapCase(email) : Lower(email);
    ContactWrite write;
    write.attributes = {{"FIRSTNAME", person.FirstName()}};
    if (random_.Chance(0.5)) write.attributes["LASTNAME"] = "Stale";  // went out of date
    if (random_.Chance(0.3)) write.attributes["COMPANY"] = "Old Company";
    if (random_.Chance(0.1)) write.attributes["EXT_ID"] = "erp-" + std::to_string(person.id);
    if (random_.Chance(0.2) && !person.phones.empty()) {
      write.attributes["SMS"] = person.phones.front().value;
    }
    if (random_.Chance(0.5)) write.join = {60};
    BrevoContact& contact = account_.Create(email);
    Finish(contact, write);
    if (random_.Chance(0.1)) contact.email_blacklisted = true;
    if (random_.Chance(0.05)) contact.sms_blacklisted = true;
    if (random_.Chance(0.1)) {
      contact.lists.clear();
      contact.unsubscribed = {60};
    }
  }

  void AddPhoneOnly(int i) {
    const std::string digits = "49170" + std::to_string(1'000'000 + i);
    BrevoContact& contact = account_.Create(BrevoAccount::SyntheticEmail(digits));
    ContactWrite write;
    write.attributes = {{"SMS", digits}, {"FIRSTNAME", "Phone"}};
    Finish(contact, write);
  }

  void AddStranger(int i) {
    BrevoContact& contact =
        account_.Create("subscriber" + std::to_string(i) + "@newsletter.example");
    ContactWrite write;
    write.attributes = {{"FIRSTNAME", "Subscriber"}, {"LASTNAME", std::to_string(i)}};
    // Some hold the phone number a person of Pipedrive has.
    if (random_.Chance(0.05) && !pipedrive_.persons.empty()) {
      const Person& person = pipedrive_.persons[random_.Below(pipedrive_.persons.size())];
      if (!person.phones.empty()) write.attributes["SMS"] = person.phones.front().value;
    }
    if (random_.Chance(0.3)) write.join = {60};
    Finish(contact, write);
    if (random_.Chance(0.05)) contact.email_blacklisted = true;
  }

  BrevoAccount& account_;
  const PipedriveAccount& pipedrive_;
  Random random_;
};

}  // namespace

void SeedBrevo(BrevoAccount& account, const PipedriveAccount& pipedrive, const Options& options) {
  Seeder(account, pipedrive, options).Run(options.existing_contacts);
}

}  // namespace sandbox
