// What mapping and merging cost per person: the seed configuration's twelve fields.

#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "mapping/attribute_value.h"
#include "mapping/field_map.h"
#include "mapping/person_mapper.h"
#include "reconcile/merge.h"

namespace connector {
namespace {

std::string Key(char fill) { return std::string(40, fill); }

AccountSchema Schema() {
  AccountSchema schema;
  for (const auto& [key, name] : {std::pair('a', "Lead source"), std::pair('b', "Industry"),
                                  std::pair('c', "Company size")}) {
    PipedriveField field{Key(key), name, "enum", true, {}};
    for (int id = 1; id <= 20; ++id) {
      field.options.push_back({std::to_string(id), "Label " + std::to_string(id)});
    }
    schema.person_fields.push_back(field);
  }
  for (const char* name : {"FULLNAME", "FIRSTNAME", "LASTNAME", "SMS", "COMPANY", "LEAD_SOURCE",
                           "INDUSTRY", "COMPANY_SIZE"}) {
    schema.attributes.push_back({name, "normal", AttributeType::kText, {}});
  }
  for (const char* name : {"WON_DEALS", "LOST_DEALS", "OPEN_DEALS", "CLOSED_DEALS"}) {
    schema.attributes.push_back({name, "normal", AttributeType::kNumber, {}});
  }
  return schema;
}

mapping::ResolvedMap TwelveFields() {
  std::vector<mapping::FieldRule> rules;
  for (const auto& [source, attribute] : std::initializer_list<std::pair<const char*, const char*>>{
           {"name", "FULLNAME"},
           {"first_name", "FIRSTNAME"},
           {"last_name", "LASTNAME"},
           {"phone", "SMS"},
           {"org_id.name", "COMPANY"},
           {"won_deals_count", "WON_DEALS"},
           {"lost_deals_count", "LOST_DEALS"},
           {"open_deals_count", "OPEN_DEALS"},
           {"closed_deals_count", "CLOSED_DEALS"},
           {"custom_fields.lead_source", "LEAD_SOURCE"},
           {"custom_fields.industry", "INDUSTRY"},
           {"custom_fields.company_size", "COMPANY_SIZE"}}) {
    rules.push_back(
        {source, attribute, mapping::Direction::kBoth, mapping::ConflictPolicy::kPipedriveWins, 0});
  }
  return mapping::Resolve(rules, Schema());
}

Person SamplePerson() {
  Person person;
  person.id = 42;
  person.name = "Erika Maria Mustermann";
  person.first_name = "Erika Maria";
  person.last_name = "Mustermann";
  person.emails = {{"Erika.Mustermann@example.com", "work", true}};
  person.phones = {{"+49 30 1234567", "work", true}};
  person.org_id = 3;
  person.won_deals_count = 2;
  person.lost_deals_count = 1;
  person.open_deals_count = 0;
  person.closed_deals_count = 3;
  for (const char key : {'a', 'b', 'c'}) {
    person.custom_fields.emplace_back(Key(key), OptionIds{{key - 'a' + 10}});
  }
  return person;
}

void BM_MapPerson(benchmark::State& state) {
  const mapping::ResolvedMap map = TwelveFields();
  const Person person = SamplePerson();
  Organization organization;
  organization.name = "Musterfirma Maschinenbau GmbH & Co. KG";
  mapping::PhoneNormalizer phones("DE");
  for (auto _ : state) {
    benchmark::DoNotOptimize(mapping::MapPerson(map, person, &organization, phones));
  }
  state.counters["fields"] = static_cast<double>(map.fields.size());
}
BENCHMARK(BM_MapPerson);

void BM_ChooseEmail(benchmark::State& state) {
  const Person person = SamplePerson();
  for (auto _ : state) benchmark::DoNotOptimize(mapping::ChooseEmail(person));
}
BENCHMARK(BM_ChooseEmail);

void BM_PhoneCached(benchmark::State& state) {
  mapping::PhoneNormalizer phones("DE");
  for (auto _ : state) benchmark::DoNotOptimize(phones.Normalize("+49 30 1234567"));
}
BENCHMARK(BM_PhoneCached);

void BM_PhoneUncached(benchmark::State& state) {
  mapping::PhoneNormalizer phones("DE");
  int number = 1000000;
  for (auto _ : state) {
    benchmark::DoNotOptimize(phones.Normalize("+49 30 " + std::to_string(number++)));
  }
}
BENCHMARK(BM_PhoneUncached);

// Twelve fields compared with what is known, nothing changed: the common case of a full run.
void BM_MergeUnchanged(benchmark::State& state) {
  const mapping::ResolvedMap map = TwelveFields();
  mapping::PhoneNormalizer phones("DE");
  const auto values = mapping::MapPerson(map, SamplePerson(), nullptr, phones);
  std::vector<reconcile::Same> same;
  std::vector<FieldState> known;
  for (size_t i = 0; i < map.fields.size(); ++i) {
    const BrevoAttribute& attribute = map.fields[i].attribute;
    same.emplace_back([&attribute](const Value& a, const Value& b) {
      return mapping::SameValue(attribute, a, b);
    });
    known.push_back({attribute.name, values[i].value, values[i].value, {}, {}});
  }
  for (auto _ : state) {
    for (size_t i = 0; i < map.fields.size(); ++i) {
      reconcile::MergeInput input;
      input.known = &known[i];
      input.wanted = values[i].value;
      benchmark::DoNotOptimize(reconcile::Merge(input, same[i]));
    }
  }
}
BENCHMARK(BM_MergeUnchanged);

}  // namespace
}  // namespace connector
