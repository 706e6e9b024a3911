#pragma once

namespace connector::sync {

// What becomes of the contact of a person that was deleted in Pipedrive.
enum class OnDelete {
  kKeep,    // it stays as it is, and the binding is remembered
  kUnlink,  // it leaves the lists that the connector put it into
  kDelete,  // it is deleted in Brevo, unless it is blocked there: Brevo would forget the block
};

// What is done to a person that is to be erased.
enum class PipedriveErasure { kAnonymise, kDelete, kKeep };
enum class BrevoErasure { kDelete, kAnonymise };

struct RemovalSettings {
  OnDelete on_delete = OnDelete::kKeep;
  PipedriveErasure erase_in_pipedrive = PipedriveErasure::kAnonymise;
  BrevoErasure erase_in_brevo = BrevoErasure::kDelete;
};

}  // namespace connector::sync
