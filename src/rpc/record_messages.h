#pragma once

// Records as the vendor gives them, into the contract's messages: matched by the names of their
// fields, so that one code serves all five kinds.

#include <google/protobuf/message.h>

#include "model/record.h"

namespace connector::rpc {

// Fills a Person, Deal, Organization, Activity or Lead.
void FillRecord(const Tree::Members& record, google::protobuf::Message& out);

}  // namespace connector::rpc
