#include "pipedrive_seed.h"

#include <array>
#include <cstdio>

#include "random.h"
#include "text.h"

namespace sandbox {
namespace {

// Everything was there long before the clock starts.
constexpr int64_t kOldest = 1'609'459'200;  // 2021-01-01
constexpr int64_t kNewest = 1'759'276'800;  // 2025-10-01

constexpr std::array<const char*, 24> kFirst = {
    "Anna",  "Ben",    "Chloé", "Dmitri", "Elif",   "François", "Grace", "Håkon",
    "Ines",  "Jürgen", "Kaja",  "Łukasz", "María",  "Noah",     "Olga",  "Peter",
    "Quinn", "Renée",  "Søren", "Tom",    "Ursula", "Viktor",   "Wei",   "Zoë"};
constexpr std::array<const char*, 20> kLast = {
    "Müller",   "Smith", "García", "O'Neill", "Nguyen", "de la Cruz", "Øst",
    "Kowalski", "Rossi", "Dubois", "Kim",     "Ivanov", "Yılmaz",     "Silva",
    "Novák",    "Berg",  "Tamm",   "Weiß",    "Li",     "Jensen"};
constexpr std::array<const char*, 8> kDomains = {"example.com",  "example.org",   "example.net",
                                                 "mail.example", "corp.example",  "firma.example",
                                                 "shop.example", "agency.example"};
constexpr std::array<const char*, 9> kOddNames = {
    "محمد عبد الله",
    "שרה כהן",
    "山田 太郎",
    "🚀 Rocket Man",
    "Robert \"Bobby\" O'Tables; DROP",
    "Zero\u200bWidth Joiner\u200d",
    "<script>alert(1)</script> Tester",
    "e\u0301 Combining",
    "Prof. Dr. h.c. mult. Maximilian-Alexander von und zu Hohenstein-Wittelsbach-Sonderburg"};
constexpr std::array<const char*, 10> kBadEmails = {
    "not-an-address",        "two@@example.com",   "trailing.dot.@example.com",
    "spaces in@example.com", "müller@example.com", "no-domain@",
    "@example.com",          "a@localhost",        "n/a",
    "mail to: x@example.com"};
constexpr std::array<const char*, 9> kBadPhones = {
    "n/a", "call the reception", "123", "+", "00", "+49", "ask Peter", "555-CALL-NOW", "0"};

std::string Slug(const std::string& name) {
  std::string out;
  for (const char c : Lower(name)) {
    if (c >= 'a' && c <= 'z') out += c;
  }
  return out.empty() ? "x" : out;
}

std::string Number(const char* format, uint64_t a, uint64_t b) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, static_cast<unsigned long long>(a),
                static_cast<unsigned long long>(b));
  return text.data();
}

// One number per person, in ranges that are mobile numbers in their countries.
std::string MakePhone(Random& random, int64_t id) {
  const auto n = static_cast<uint64_t>(id);
  switch (random.Below(10)) {
    case 0:
      return Number("0151 %08llu", 20'000'000 + n, 0);  // national, German
    case 1:
      return Number("(415) %03llu-%04llu", 220 + n / 10'000 % 700, n % 10'000);
    case 2:
      return Number("+1 415 %03llu %04llu", 220 + n / 10'000 % 700, n % 10'000);
    case 3:
      return Number("+44 7400 %06llu", n % 1'000'000, 0);
    case 4:
      return Number("0033 6 %02llu %06llu", 10 + n / 1'000'000 % 80, n % 1'000'000);
    case 5:
      return Number("+49 (0) 151-%08llu", 30'000'000 + n, 0);
    case 6:
      return Number("+372 5%07llu", n % 10'000'000, 0);
    case 7:
      return Number("+49 30 %07llu ext. %02llu", 2'000'000 + n, n % 90 + 10);
    case 8:
      return Number("004915%llu", 140'000'000 + n, 0);
    default:
      return Number("+49 151 %08llu", 50'000'000 + n, 0);
  }
}

class Seeder {
 public:
  Seeder(PipedriveAccount& account, const Options& options)
      : account_(account), options_(options), random_(options.seed * 7919 + 17) {}

  void Run() {
    for (int i = 0; i < options_.organizations; ++i) AddOrganization();
    for (int i = 0; i < options_.persons; ++i) AddPerson();
    AddLeads();
    AddActivities();
  }

 private:
  int64_t Time() { return kOldest + static_cast<int64_t>(random_.Below(kNewest - kOldest)); }

  void AddOrganization() {
    constexpr std::array<const char*, 10> kNames = {
        "Acme",         "Müller & Söhne", "Globex \"International\"", "株式会社サンプル", "Initech",
        "Stark <Labs>", "Umbrella; Co.",  "Øresund Energi",           "Café Zürich",      "Wayne"};
    Organization& o = account_.organizations.emplace_back();
    o.id = static_cast<int64_t>(account_.organizations.size());
    o.name = std::string(kNames[random_.Below(kNames.size())]) + " " + std::to_string(o.id);
    if (random_.Chance(0.5)) o.address = "Main Street " + std::to_string(o.id) + ", Springfield";
    o.owner = 1 + static_cast<int64_t>(random_.Below(3));
    o.add_time = Time();
    o.update_time = o.add_time + static_cast<int64_t>(random_.Below(86'400 * 30));
    o.deleted = random_.Chance(0.02);
  }

  void AddPerson() {
    Person& p = account_.persons.emplace_back();
    p.id = static_cast<int64_t>(account_.persons.size());
    p.seeded = true;
    p.name = MakeName();
    AddEmails(p);
    AddPhones(p);
    p.owner = 1 + static_cast<int64_t>(random_.Below(3));
    if (options_.organizations > 0 && random_.Chance(0.8)) {
      p.org = 1 + static_cast<int64_t>(random_.Below(account_.organizations.size()));
      ++account_.FindOrganization(p.org)->people;
    }
    p.add_time = Time();
    p.update_time = p.add_time + static_cast<int64_t>(random_.Below(86'400 * 30));
    if (random_.Chance(0.2)) p.labels.push_back(5 + static_cast<int64_t>(random_.Below(4)));
    p.visible_to = random_.Chance(0.9) ? 3 : 1;
    p.marketing = static_cast<int8_t>(random_.Below(3));
    p.deleted = random_.Chance(0.01);
    if (!p.deleted && random_.Chance(0.35)) AddDeals(p);
  }

  std::string MakeName() {
    if (random_.Chance(0.02)) return kOddNames[random_.Below(kOddNames.size())];
    const std::string first = kFirst[random_.Below(kFirst.size())];
    if (random_.Chance(0.04)) return first;  // no last name
    if (random_.Chance(0.003)) {             // very long
      std::string name = first;
      while (name.size() < 240) name += " " + std::string(kLast[random_.Below(kLast.size())]);
      return name;
    }
    return first + " " + kLast[random_.Below(kLast.size())];
  }

  std::string OwnEmail(const Person& p) {
    return Slug(p.FirstName()) + "." + Slug(p.LastName()) + std::to_string(p.id) + "@" +
           kDomains[random_.Below(kDomains.size())];
  }

  void AddEmails(Person& p) {
    if (random_.Chance(0.03)) return;
    std::string email = OwnEmail(p);
    if (random_.Chance(0.05)) {
      for (char& c : email) c = c >= 'a' && c <= 'z' && random_.Chance(0.5) ? c - 32 : c;
    } else if (random_.Chance(0.01)) {
      email = kBadEmails[random_.Below(kBadEmails.size())];
    } else if (p.id > 10 && random_.Chance(0.01)) {  // the address of somebody else
      const Person& other = account_.persons[random_.Below(static_cast<uint64_t>(p.id) - 1)];
      if (!other.emails.empty()) email = other.emails.front().value;
    } else if (random_.Chance(0.005)) {
      email = " " + email + " ";
    }
    p.emails.push_back({email, "work", true});
    if (!random_.Chance(0.1)) return;
    // A second one, and often it is the second that is primary.
    p.emails.push_back({"private." + OwnEmail(p), "home", false});
    if (random_.Chance(0.6)) {
      p.emails[0].primary = false;
      p.emails[1].primary = true;
    }
    if (random_.Chance(0.1)) p.emails.push_back({"old." + OwnEmail(p), "other", false});
  }

  void AddPhones(Person& p) {
    if (random_.Chance(0.2)) return;
    std::string phone = MakePhone(random_, p.id);
    if (random_.Chance(0.03)) {  // the switchboard of a company, shared by many
      phone = "+49 30 901820" + std::to_string(10 + random_.Below(20));
    } else if (random_.Chance(0.03)) {
      phone = kBadPhones[random_.Below(kBadPhones.size())];
    }
    p.phones.push_back({phone, random_.Chance(0.7) ? "work" : "mobile", true});
    if (random_.Chance(0.08)) p.phones.push_back({"+49 89 1234567", "home", false});
  }

  void AddDeals(const Person& p) {
    const uint64_t n = 1 + random_.Below(3);
    for (uint64_t i = 0; i < n; ++i) {
      Deal& d = account_.deals.emplace_back();
      d.id = static_cast<int64_t>(account_.deals.size());
      d.person = p.id;
      d.org = p.org;
      d.owner = p.owner;
      d.stage = 1 + static_cast<int64_t>(random_.Below(7));
      d.pipeline = d.stage <= 4 ? 1 : 2;
      d.value = static_cast<double>(random_.Below(50'000)) + (random_.Chance(0.2) ? 0.5 : 0.0);
      if (random_.Chance(0.15)) d.currency = "USD";
      if (d.id % 10 == 0) d.probability = 35;
      const uint64_t dice = random_.Below(100);
      d.status = dice < 45 ? DealStatus::kOpen : dice < 75 ? DealStatus::kWon : DealStatus::kLost;
      d.add_time = p.add_time + static_cast<int64_t>(random_.Below(86'400 * 100));
      d.update_time = d.stage_time = d.add_time + static_cast<int64_t>(random_.Below(864'000));
      if (d.status != DealStatus::kOpen) {
        d.close_time = d.update_time;
        d.archived = random_.Chance(0.05);
      }
      account_.CountDeal(d, +1);
    }
  }

  void AddLeads() {
    for (size_t i = 0; i < account_.persons.size() / 50 + 1; ++i) {
      Lead& lead = account_.leads.emplace_back();
      lead.id = Number("%08llx-db35-59ca-1828-%012llx", 0x46c30000 + i, Mix(i) >> 16);
      lead.title = "Lead " + std::to_string(i + 1);
      if (!account_.persons.empty()) {
        lead.person = 1 + static_cast<int64_t>(random_.Below(account_.persons.size()));
      }
      if (random_.Chance(0.5)) lead.amount = static_cast<double>(random_.Below(10'000));
      lead.add_millis = Time() * 1000 + 551;
      lead.update_millis = lead.add_millis;
    }
  }

  void AddActivities() {
    for (size_t i = 0; i < account_.persons.size() / 20; ++i) {
      Activity& a = account_.activities.emplace_back();
      a.id = static_cast<int64_t>(account_.activities.size());
      a.subject = "Call " + std::to_string(a.id);
      a.type = random_.Chance(0.5) ? "call" : "meeting";
      a.person = 1 + static_cast<int64_t>(random_.Below(account_.persons.size()));
      a.add_time = a.update_time = Time();
      a.due_date = FormatDate(a.add_time);
      a.done = random_.Chance(0.5);
      a.done_time = a.add_time;
      ++account_.FindPerson(a.person)->activities;
    }
  }

  PipedriveAccount& account_;
  const Options& options_;
  Random random_;
};

}  // namespace

void SeedPipedrive(PipedriveAccount& account, const Options& options) {
  Seeder(account, options).Run();
}

}  // namespace sandbox
