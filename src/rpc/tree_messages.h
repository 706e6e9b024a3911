#pragma once

#include <google/protobuf/struct.pb.h>

#include "model/tree.h"

namespace connector::rpc {

void FillValue(const Tree& tree, google::protobuf::Value& out);
void FillStruct(const Tree::Members& members, google::protobuf::Struct& out);
Tree TreeOf(const google::protobuf::Value& value);

}  // namespace connector::rpc
