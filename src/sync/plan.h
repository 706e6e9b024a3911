#pragma once

// What is to be done about one contact, as a value. Pure: the plan is the same whether it is
// applied, imported, or only shown.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mapping/person_mapper.h"
#include "model/contact.h"
#include "model/contact_state.h"
#include "model/person_write.h"
#include "model/run.h"
#include "reconcile/lists.h"
#include "reconcile/merge.h"
#include "store/store.h"
#include "sync/planning.h"

namespace connector::sync {

enum class PlanAction { kNothing, kCreate, kUpdate, kSkip, kDelete };

// One field that would change, for people.
struct PlannedField {
  std::string attribute;
  Value before;
  Value after;
  reconcile::MergeReason reason = reconcile::MergeReason::kEqual;
};

// A value that cannot be written; the rest of the record is.
struct FieldLoss {
  std::string attribute;
  FailureReason reason = FailureReason::kInvalidValue;
  std::string detail;
};

struct ContactPlan {
  PlanAction action = PlanAction::kNothing;
  std::optional<SkipReason> skip;
  int64_t person_id = 0;  // the person that gives the fields; 0: none is left
  std::string email;      // the contact's address after the plan
  ContactState state;     // what is known, with agreements taken
  ContactWrite write;
  store::Binding binding = store::Binding::kKeep;  // once it is carried out
  std::vector<PlannedField> fields;
  std::vector<FieldLoss> losses;
  std::vector<reconcile::ListReason> wanted_lists;  // every reason to be on a list
  std::vector<int64_t> withheld_lists;  // wanted, and not joined since it left by its own hand
  // Changes that belong into Pipedrive, and the write that makes them there.
  std::vector<PlannedField> pipedrive_fields;
  PersonWrite person_write;
  // Brevo is to be looked at first: the address changes, or an unconfirmed two-way field is about
  // to be overwritten.
  bool look_first = false;
};

// A contact's persons as Brevo should see them.
struct MappedContact {
  mapping::EmailChoice email;
  std::vector<mapping::MappedValue> values;  // one for each field of the map
  // What the plan would like to send and Brevo allows only once: claimed in the store before
  // planning.
  std::vector<Identifier> identifiers;
};

// Empty if the bundle has no person.
MappedContact MapContact(const Planning& planning, const store::ContactBundle& bundle,
                         mapping::PhoneNormalizer& phones);

// `granted` tells, for each of mapped.identifiers, whether this contact owns it.
ContactPlan PlanContact(const Planning& planning, const store::ContactBundle& bundle,
                        const MappedContact& mapped, const std::vector<bool>& granted);

// Makes the write to `person`, which gives the plan's fields, of what belongs into Pipedrive; what
// Pipedrive cannot hold joins the losses.
void PlanPersonWrite(const Planning& planning, const Person& person,
                     mapping::PhoneNormalizer& phones, ContactPlan& plan);

// Folds a write that Brevo accepted into the state, the address among its fields.
void RecordWrite(ContactState& state, const ContactWrite& write);

// Notes that Brevo refuses this identifier or value of the contact, so that it is not sent again
// until the source changes. `attribute` may be EMAIL and EXT_ID.
void RecordRefusal(ContactState& state, std::string_view attribute, Value value);

// By which road a plan can be written.
enum class Road {
  kNone,
  kImport,  // rows of import jobs
  kSingle,  // POST or PUT: leaves a list, clears a field, changes the address, belongs to no list,
            // or concerns a blocked contact
};
Road RoadOf(const Planning& planning, const ContactPlan& plan);

// A row of the import job into one list.
struct ListRow {
  int64_t list_id = 0;
  ContactWrite write;  // with the address; joins this list only
  // As what the contact is counted when the row's job ends: the first of its rows counts.
  store::ImportRow::Counts counts = store::ImportRow::Counts::kNothing;
};

// The rows a plan on Road::kImport is written by: its attributes into all_contacts, then the
// address alone into each further list it joins, so that calls grow with bytes and lists and not
// with combinations of lists.
std::vector<ListRow> ImportRowsOf(const Planning& planning, const ContactPlan& plan);

// The plan as a dry run shows it.
PlannedChange Describe(const ContactPlan& plan, Road road);
// The same of a person that is left alone; `why` is for people and may be empty.
PlannedChange DescribeSkip(int64_t person_id, std::string email, SkipReason reason,
                           std::string why = "");

}  // namespace connector::sync
