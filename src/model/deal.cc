#include "model/deal.h"

namespace connector {

std::string_view DealStatusName(DealStatus status) {
  switch (status) {
    case DealStatus::kOpen:
      return "open";
    case DealStatus::kWon:
      return "won";
    case DealStatus::kLost:
      return "lost";
    case DealStatus::kDeleted:
      return "deleted";
  }
  return "open";
}

std::optional<DealStatus> ParseDealStatus(std::string_view name) {
  for (const DealStatus status :
       {DealStatus::kOpen, DealStatus::kWon, DealStatus::kLost, DealStatus::kDeleted}) {
    if (DealStatusName(status) == name) return status;
  }
  return std::nullopt;
}

}  // namespace connector
