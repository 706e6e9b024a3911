#pragma once

// The calls the client makes. Everything under /v3/contacts has one bucket of its own, events
// another, the rest shares one of 100 calls an hour.

#include "http/caller.h"

namespace connector::brevo {

inline constexpr quota::Operation ContactsRead(std::string_view name) {
  return {.name = name, .api = quota::Api::kBrevo, .family = quota::Family::kBrevoContacts};
}
inline constexpr quota::Operation ContactsWrite(std::string_view name, quota::Repeat repeat) {
  return {.name = name,
          .api = quota::Api::kBrevo,
          .family = quota::Family::kBrevoContacts,
          .repeat = repeat,
          .write = true};
}
inline constexpr quota::Operation OtherRead(std::string_view name) {
  return {.name = name, .api = quota::Api::kBrevo, .family = quota::Family::kBrevoOther};
}

inline constexpr quota::Operation kListContacts = ContactsRead("contacts.list");
inline constexpr quota::Operation kGetContact = ContactsRead("contacts.get");
inline constexpr quota::Operation kCreateContact =
    ContactsWrite("contacts.create", quota::Repeat::kUnsafe);
inline constexpr quota::Operation kUpdateContact =
    ContactsWrite("contacts.update", quota::Repeat::kSafe);
// A second one is told that there is none.
inline constexpr quota::Operation kDeleteContact =
    ContactsWrite("contacts.delete", quota::Repeat::kSafe);
inline constexpr quota::Operation kRemoveFromList =
    ContactsWrite("lists.remove", quota::Repeat::kSafe);
inline constexpr quota::Operation kStartImport =
    ContactsWrite("contacts.import", quota::Repeat::kUnsafe);
// An event has no key that would tell a repetition.
inline constexpr quota::Operation kSendEvent = {.name = "events.send",
                                                .api = quota::Api::kBrevo,
                                                .family = quota::Family::kBrevoEvents,
                                                .repeat = quota::Repeat::kUnsafe,
                                                .write = true};
// Whether a batch counts as an event is not said, so it counts where less is allowed.
inline constexpr quota::Operation kSendEventBatch = {.name = "events.send_batch",
                                                     .api = quota::Api::kBrevo,
                                                     .family = quota::Family::kBrevoOther,
                                                     .repeat = quota::Repeat::kUnsafe,
                                                     .write = true};
inline constexpr quota::Operation kListEvents = OtherRead("events.list");
inline constexpr quota::Operation kListAttributes = ContactsRead("attributes.list");
// A second one is refused as a duplicate, which is what was wanted.
inline constexpr quota::Operation kCreateAttribute =
    ContactsWrite("attributes.create", quota::Repeat::kSafe);
inline constexpr quota::Operation kListLists = ContactsRead("lists.list");
inline constexpr quota::Operation kListProcesses = OtherRead("processes.list");
inline constexpr quota::Operation kListWebhooks = OtherRead("webhooks.list");
// A second one would deliver everything twice.
inline constexpr quota::Operation kCreateWebhook = {.name = "webhooks.create",
                                                    .api = quota::Api::kBrevo,
                                                    .family = quota::Family::kBrevoOther,
                                                    .repeat = quota::Repeat::kUnsafe,
                                                    .write = true};
inline constexpr quota::Operation kUpdateWebhook = {.name = "webhooks.update",
                                                    .api = quota::Api::kBrevo,
                                                    .family = quota::Family::kBrevoOther,
                                                    .repeat = quota::Repeat::kSafe,
                                                    .write = true};
inline constexpr quota::Operation kDeleteWebhook = {.name = "webhooks.delete",
                                                    .api = quota::Api::kBrevo,
                                                    .family = quota::Family::kBrevoOther,
                                                    .repeat = quota::Repeat::kSafe,
                                                    .write = true};
inline constexpr quota::Operation kGetAccount = OtherRead("account.get");
inline constexpr quota::Operation kReadReport = {
    .name = "reports.read", .api = quota::Api::kBrevo, .family = quota::Family::kUnmetered};

}  // namespace connector::brevo
