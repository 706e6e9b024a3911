#include "sync/contact_key.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "base/strings.h"

namespace connector::sync {
namespace {

class Finder {
 public:
  explicit Finder(const Accounts& accounts) : accounts_(accounts) {}

  absl::StatusOr<FoundContact> operator()(const PersonKey& key) {
    FoundContact found;
    CONNECTOR_ASSIGN_OR_RETURN(found.person, accounts_.store.FindPerson(connection(), key.id));
    if (!found.person) return Missing(key);
    if (!found.person->contact_key) return found;
    CONNECTOR_ASSIGN_OR_RETURN(
        auto bundle, accounts_.store.BundleOfContact(connection(), *found.person->contact_key));
    if (bundle) found.bundle = *std::move(bundle);
    return found;
  }

  absl::StatusOr<FoundContact> operator()(const EmailKey& key) {
    CONNECTOR_ASSIGN_OR_RETURN(
        const auto state, accounts_.store.FindContact(
                              connection(), {Identifier::Kind::kEmail, AsciiLower(key.email)}));
    return BundleOf(state, key);
  }

  absl::StatusOr<FoundContact> operator()(const BrevoKey& key) {
    CONNECTOR_ASSIGN_OR_RETURN(const auto state,
                               accounts_.store.FindContactById(connection(), key.id));
    return BundleOf(state, key);
  }

 private:
  const std::string& connection() const { return accounts_.settings.connection; }

  absl::StatusOr<FoundContact> BundleOf(const std::optional<ContactState>& state,
                                        const ContactKey& key) {
    if (!state) return Missing(key);
    CONNECTOR_ASSIGN_OR_RETURN(auto bundle,
                               accounts_.store.BundleOfContact(connection(), state->key));
    if (!bundle) return Missing(key);
    FoundContact found;
    found.bundle = *std::move(bundle);
    return found;
  }

  static absl::Status Missing(const ContactKey& key) {
    return absl::NotFoundError(
        absl::StrCat(Describe(key), " is not known here; run sync persons, then ask again"));
  }

  const Accounts& accounts_;
};

}  // namespace

std::string Describe(const ContactKey& key) {
  struct Words {
    std::string operator()(const PersonKey& by) const { return absl::StrCat("person ", by.id); }
    std::string operator()(const EmailKey& by) const { return absl::StrCat("contact ", by.email); }
    std::string operator()(const BrevoKey& by) const { return absl::StrCat("contact ", by.id); }
  };
  return std::visit(Words{}, key);
}

absl::StatusOr<FoundContact> FindContact(const Accounts& accounts, const ContactKey& key) {
  return std::visit(Finder(accounts), key);
}

}  // namespace connector::sync
