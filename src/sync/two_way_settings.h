#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace connector::sync {

// How an opt-out is said in Pipedrive.
struct ConsentSettings {
  std::string person_field;  // a custom field's key or name; "": none
  // What the field holds then: the label of an option, or a text.
  std::string unsubscribed_value = "unsubscribed";
  bool marketing_status = true;  // Pipedrive's own, where the account has it
};

// The way from Brevo to Pipedrive.
struct TwoWaySettings {
  ConsentSettings consent;
  std::vector<int64_t> create_persons_from;  // Brevo lists whose contacts become persons; sorted
  int flips_per_hour = 10;                   // a record that goes back and forth more often rests
};

}  // namespace connector::sync
