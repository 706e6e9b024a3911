// What reading and writing pages costs. One page of 500 persons may cost 10 ms.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>

#include "brevo/contact_decoder.h"
#include "brevo/import_body.h"
#include "pipedrive/person_decoder_v1.h"
#include "pipedrive/person_decoder_v2.h"

namespace connector {
namespace {

std::string Key(int i) {
  char text[41];
  std::snprintf(text, sizeof text, "%040x", 0x9dc80c50 + i);
  return text;
}

// `filled` of `fields` custom fields have a value; `start` and `end` enclose them.
std::string CustomFields(int fields, int filled, const char* start, const char* end) {
  std::string out = start;
  for (int i = 0; i < fields; ++i) {
    out += (i == 0 ? "\"" : ",\"") + Key(i) + "\":";
    out += i >= filled  ? "null"
           : i % 3 == 0 ? "\"some text value\""
           : i % 3 == 1 ? "123"
                        : "[12,13]";
  }
  return out + end;
}

std::string Person(int id, const char* emails, const char* phones, const std::string& custom) {
  const std::string n = std::to_string(id);
  return "{\"id\":" + n + ",\"name\":\"Person Name " + n + "\",\"first_name\":\"Person\"," +
         "\"last_name\":\"Näme " + n + "\",\"owner_id\":1,\"org_id\":" + n +
         ",\"add_time\":\"2021-01-01T00:00:00Z\",\"update_time\":\"2026-11-24T08:15:30Z\",\"" +
         emails + "\":[{\"value\":\"person" + n +
         "@example.com\",\"primary\":true,\"label\":\"work\"}],\"" + phones +
         "\":[{\"value\":\"+49 30 " + n + "\",\"primary\":true,\"label\":\"work\"}]," +
         "\"is_deleted\":false,\"visible_to\":7,\"label_ids\":[1,2,3],\"picture_id\":null," +
         "\"won_deals_count\":1,\"lost_deals_count\":2,\"open_deals_count\":3," +
         "\"closed_deals_count\":3," + custom + "}";
}

std::string Page(const char* emails, const char* phones, const std::string& custom) {
  std::string out = "{\"success\":true,\"data\":[";
  for (int id = 1; id <= 500; ++id) {
    out += (id > 1 ? "," : "") + Person(id, emails, phones, custom);
  }
  return out + "],\"additional_data\":{\"next_cursor\":\"eyJmaWVsZCI6ImlkIn0\"}}";
}

pipedrive::Selection Wanted(int keys) {
  pipedrive::Selection selection;
  selection.deal_counts = true;
  for (int i = 0; i < keys; ++i) selection.custom_keys.push_back(Key(i));
  return selection;
}

void Report(benchmark::State& state, const std::string& body) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * body.size()));
  state.counters["kB"] = static_cast<double>(body.size()) / 1000;
}

void DecodeV2(benchmark::State& state, int fields, int filled) {
  const std::string body =
      Page("emails", "phones", CustomFields(fields, filled, "\"custom_fields\":{", "}"));
  const pipedrive::Selection selection = Wanted(12);
  for (auto _ : state) {
    benchmark::DoNotOptimize(pipedrive::DecodePersonsV2(body, selection));
  }
  Report(state, body);
}

void PersonsV2Filtered(benchmark::State& state) { DecodeV2(state, 12, 9); }
void PersonsV2Unfiltered(benchmark::State& state) { DecodeV2(state, 87, 20); }

void PersonsV1(benchmark::State& state) {
  const std::string body = Page("email", "phone", CustomFields(87, 20, "", ""));
  const pipedrive::Selection selection = Wanted(12);
  for (auto _ : state) {
    benchmark::DoNotOptimize(pipedrive::DecodePersonsV1(body, selection));
  }
  Report(state, body);
}

void Contacts(benchmark::State& state) {
  std::string body = "{\"contacts\":[";
  for (int id = 1; id <= 1000; ++id) {
    const std::string n = std::to_string(id);
    body +=
        (id > 1 ? ",{\"id\":" : "{\"id\":") + n + ",\"email\":\"person" + n +
        "@example.com\",\"emailBlacklisted\":false,\"smsBlacklisted\":false," +
        "\"createdAt\":\"2021-01-01T00:00:00.000Z\",\"modifiedAt\":\"2026-11-24T08:15:30.123Z\"," +
        "\"listIds\":[60,61],\"attributes\":{\"FIRSTNAME\":\"Person\",\"LASTNAME\":\"Näme " + n +
        "\",\"FULLNAME\":\"Person Name " + n + "\",\"SMS\":\"4930123" + n +
        "\",\"EXT_ID\":\"pd-1-" + n + "\",\"COMPANY\":\"Company " + n +
        "\",\"WON_DEALS\":1,\"LOST_DEALS\":2,\"LEAD_SOURCE\":\"Website\",\"INDUSTRY\":\"Retail\"}}";
  }
  body += "],\"count\":100000}";
  for (auto _ : state) benchmark::DoNotOptimize(brevo::DecodeContacts(body));
  Report(state, body);
}

void ImportRows(benchmark::State& state) {
  ContactWrite write;
  write.email = "person1@example.com";
  write.ext_id = "pd-1-1";
  write.attributes = {{"FIRSTNAME", std::string("Person")},
                      {"LASTNAME", std::string("Näme")},
                      {"SMS", std::string("49301234567")},
                      {"COMPANY", std::string("Company")},
                      {"WON_DEALS", 1.0},
                      {"LTV", 1234.5}};
  brevo::ImportBody body(60);
  for (auto _ : state) {
    if (!body.Append(write)) body.Clear();
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(PersonsV2Filtered)->Unit(benchmark::kMicrosecond);
BENCHMARK(PersonsV2Unfiltered)->Unit(benchmark::kMicrosecond);
BENCHMARK(PersonsV1)->Unit(benchmark::kMicrosecond);
BENCHMARK(Contacts)->Unit(benchmark::kMicrosecond);
BENCHMARK(ImportRows);

}  // namespace
}  // namespace connector
