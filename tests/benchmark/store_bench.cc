// What one record costs in the store, stage by stage, on a file. The figure to read is
// us_per_record: CPU time, since syncing costs wall clock only. The budget of the whole road is 40
// us of CPU a record.

#include <benchmark/benchmark.h>

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "model/wire.h"
#include "store/sql_store.h"

namespace connector::store {
namespace {

constexpr char kConnection[] = "main";
constexpr int kPage = 500;
constexpr Duration kHour = std::chrono::hours(1);

// A store in a file with a run that is leased.
class Fixture {
 public:
  Fixture() {
    std::string path = (std::filesystem::temp_directory_path() / "store-bench-XXXXXX").string();
    if (::mkdtemp(path.data()) != nullptr) directory_ = path;
    store = MakeSqliteStore({.path = (directory_ / "connector.db").string()}, clock).value();
    Run run;
    run.id = "run";
    run.connection = kConnection;
    store->SubmitRun(run).status().IgnoreError();
    store->LeaseRun("worker", clock.Now(), kHour).status().IgnoreError();
    update.lease = {kConnection, "run", "worker"};
  }
  ~Fixture() {
    store.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  ManualClock clock;
  std::unique_ptr<Store> store;
  RunUpdate update;

 private:
  std::filesystem::path directory_;
};

PersonRow MakePerson(int64_t id) {
  PersonRow row;
  const std::string number = std::to_string(id);
  row.email = "firstname.lastname" + std::to_string(id * 7919 % 1'000'003) + "@company.example";
  row.ext_id = "pd-1234567-" + number;
  Person& person = row.person;
  person.id = id;
  person.name = "Firstname Lastname " + number;
  person.first_name = "Firstname";
  person.last_name = "Lastname " + number;
  person.emails = {{row.email, "work", true}};
  person.phones = {{"+49170" + std::to_string(1'000'000 + id), "mobile", true}};
  person.org_id = 1 + id % 1000;
  person.owner_id = 3;
  person.add_time = Time(std::chrono::seconds(1'600'000'000));
  person.update_time = Time(std::chrono::seconds(1'700'000'000));
  person.won_deals_count = id % 5;
  person.lost_deals_count = 1;
  person.open_deals_count = 2;
  person.closed_deals_count = 3;
  person.custom_fields = {{"0123456789abcdef0123456789abcdef01234567", OptionIds{{id % 9}}},
                          {"1123456789abcdef0123456789abcdef01234567", std::string("Industry")},
                          {"2123456789abcdef0123456789abcdef01234567", 250.0}};
  return row;
}

std::vector<PersonRow> MakePage(int64_t first) {
  std::vector<PersonRow> page;
  for (int64_t id = first; id < first + kPage; ++id) page.push_back(MakePerson(id));
  return page;
}

ContactState Written(ContactState state, const Person& person) {
  state.existence = Existence::kPresent;
  state.ext_id = "pd-1234567-" + std::to_string(person.id);
  state.lists = state.lists_put = {60};
  for (const char* name :
       {"CLOSED_DEALS", "COMPANY", "COMPANY_SIZE", "FIRSTNAME", "FULLNAME", "INDUSTRY", "LASTNAME",
        "LEAD_SOURCE", "LOST_DEALS", "OPEN_DEALS", "WON_DEALS"}) {
    const bool number = std::string_view(name).ends_with("_DEALS");
    EnsureField(state, name).unconfirmed = number ? Value(3.0) : Value(std::string("Some text"));
  }
  EnsureField(state, "SMS").unconfirmed = Value(person.phones.front().value);
  return state;
}

ContactWrite WriteOf(const ContactState& state) {
  ContactWrite write;
  write.email = state.email;
  write.ext_id = state.ext_id;
  for (const FieldState& field : state.fields) {
    write.attributes.emplace_back(field.attribute, *field.unconfirmed);
  }
  write.join_lists = {60};
  return write;
}

Contact SeenOf(const ContactState& state, int64_t brevo_id) {
  Contact contact;
  contact.id = brevo_id;
  contact.email = state.email;
  contact.ext_id = state.ext_id;
  contact.list_ids = state.lists;
  contact.modified_at = Time(std::chrono::seconds(1'700'000'000));
  for (const FieldState& field : state.fields) {
    contact.attributes.emplace_back(field.attribute, *field.unconfirmed);
  }
  return contact;
}

ContactState Confirm(const std::optional<ContactState>& known, const Contact& seen) {
  ContactState state = known.value_or(ContactState{});
  state.brevo_id = seen.id;
  state.existence = Existence::kPresent;
  state.email = seen.email;
  state.lists = seen.list_ids;
  state.brevo_modified_at = seen.modified_at;
  for (const auto& [name, value] : seen.attributes) {
    FieldState& field = EnsureField(state, name);
    field.seen = value;
    field.base = value;
    field.unconfirmed.reset();
  }
  return state;
}

void Check(benchmark::State& state, const absl::Status& status) {
  if (!status.ok()) state.SkipWithError(status.ToString().c_str());
}

void Report(benchmark::State& state) {
  state.counters["us_per_record"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * kPage / 1e6,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

enum class Stage { kFold, kLease, kAppend, kSettle, kSeen };

// The whole road of fresh pages, of which one stage is timed. `records` are there already.
void Road(benchmark::State& state, Stage timed) {
  Fixture fixture;
  Store& store = *fixture.store;
  const auto in = [&](Stage stage, auto work) {
    if (stage == timed) state.ResumeTiming();
    work();
    if (stage == timed) state.PauseTiming();
  };
  int64_t next = 1;
  for (const int64_t records = state.range(0); next < records; next += kPage) {
    Check(state,
          store.FinishPersonsPage(fixture.update, {}, MakePage(next), Existence::kAbsent, false)
              .status());
    const auto bundles =
        store.LeaseContacts(kConnection, {.run_id = "run"}, "worker", fixture.clock.Now(), kHour);
    std::vector<Settlement> settlements;
    for (const ContactBundle& bundle : *bundles) {
      Settlement& settlement = settlements.emplace_back();
      settlement.state = Written(bundle.state, bundle.persons.front());
      settlement.version = bundle.version;
    }
    Check(state, store.SettleContacts(kConnection, settlements, {}, nullptr));
  }
  for (auto _ : state) {
    state.PauseTiming();
    const std::vector<PersonRow> page = MakePage(next);
    in(Stage::kFold, [&] {
      Check(state, store
                       .FinishPersonsPage(fixture.update, {"cursor", false}, page,
                                          Existence::kAbsent, false)
                       .status());
    });
    std::vector<ContactBundle> bundles;
    in(Stage::kLease, [&] {
      bundles = *store.LeaseContacts(kConnection, {.run_id = "run", .limit = kPage}, "worker",
                                     fixture.clock.Now(), kHour);
    });
    std::vector<ImportRow> rows;
    std::vector<Settlement> settlements;
    std::vector<Contact> seen;
    for (const ContactBundle& bundle : bundles) {
      Settlement& settlement = settlements.emplace_back();
      settlement.state = Written(bundle.state, bundle.persons.front());
      settlement.version = bundle.version;
      rows.push_back({bundle.state.key, bundle.version, true, WriteOf(settlement.state)});
      seen.push_back(SeenOf(settlement.state, 5'000'000 + bundle.state.key));
    }
    const int64_t job = *store.CreateImport(kConnection, {.run_id = "run"});
    in(Stage::kAppend, [&] { Check(state, store.AppendImportRows(kConnection, job, rows)); });
    in(Stage::kSettle, [&] {
      Check(state, store.SettleImportRows(kConnection, job, settlements, {}, &fixture.update));
    });
    Check(state, store.CloseImport(kConnection, job));
    in(Stage::kSeen, [&] {
      Check(state, store.FinishContactsPage(fixture.update, {"1000", false}, seen, Confirm));
    });
    next += kPage;
    state.ResumeTiming();
  }
  Report(state);
}

void PersonsPage(benchmark::State& state) { Road(state, Stage::kFold); }
void LeaseContacts(benchmark::State& state) { Road(state, Stage::kLease); }
void ImportRows(benchmark::State& state) { Road(state, Stage::kAppend); }
void SettleImport(benchmark::State& state) { Road(state, Stage::kSettle); }
void ContactsPage(benchmark::State& state) { Road(state, Stage::kSeen); }
BENCHMARK(PersonsPage)->Arg(0)->Arg(100'000)->Iterations(60);
BENCHMARK(LeaseContacts)->Arg(0)->Arg(100'000)->Iterations(60);
BENCHMARK(ImportRows)->Arg(0)->Arg(100'000)->Iterations(60);
BENCHMARK(SettleImport)->Arg(0)->Arg(100'000)->Iterations(60);
BENCHMARK(ContactsPage)->Arg(0)->Arg(100'000)->Iterations(60);

// A full run in which nothing changed: persons are compared, not written.
void UnchangedPersonsPage(benchmark::State& state) {
  Fixture fixture;
  const std::vector<PersonRow> page = MakePage(1);
  for (auto _ : state) {
    Check(state,
          fixture.store->FinishPersonsPage(fixture.update, {}, page, Existence::kAbsent, false)
              .status());
  }
  Report(state);
}
BENCHMARK(UnchangedPersonsPage);

ContactState SampleState() {
  ContactState state;
  state.email = "firstname.lastname@company.example";
  return Written(state, MakePerson(1).person);
}

void EncodeContact(benchmark::State& state) {
  const ContactState sample = SampleState();
  for (auto _ : state) benchmark::DoNotOptimize(Encode(sample));
  state.counters["bytes"] = static_cast<double>(Encode(sample).size());
}
BENCHMARK(EncodeContact);

void DecodeContact(benchmark::State& state) {
  const std::string bytes = Encode(SampleState());
  for (auto _ : state) benchmark::DoNotOptimize(DecodeContactState(bytes));
}
BENCHMARK(DecodeContact);

void EncodePerson(benchmark::State& state) {
  const Person sample = MakePerson(1).person;
  for (auto _ : state) benchmark::DoNotOptimize(Encode(sample));
  state.counters["bytes"] = static_cast<double>(Encode(sample).size());
}
BENCHMARK(EncodePerson);

void DecodePersonBody(benchmark::State& state) {
  const std::string bytes = Encode(MakePerson(1).person);
  for (auto _ : state) benchmark::DoNotOptimize(DecodePerson(bytes));
}
BENCHMARK(DecodePersonBody);

}  // namespace
}  // namespace connector::store
