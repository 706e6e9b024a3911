#pragma once

// Webhooks as Pipedrive writes them, down to the record.

#include <gtest/gtest.h>

#include <string>

#include "pipedrive/webhook_decoder.h"

namespace connector::pipedrive {

inline SourceEvent Decode(const std::string& body, const WebhookFields& fields = {}) {
  const auto event = DecodeWebhook(body, fields);
  EXPECT_TRUE(event.ok()) << event.status() << "\n" << body;
  return event.ok() ? *event : SourceEvent();
}

inline std::string MetaV2(const std::string& action, const std::string& entity,
                          const std::string& id, const std::string& more = "") {
  return R"("meta":{"action":")" + action + R"(","entity":")" + entity + R"(","entity_id":)" + id +
         R"(,"company_id":"8087566","correlation_id":"43cb94f3-1","id":"7c812ffd-8f50",
         "is_bulk_edit":false,"timestamp":"2022-11-24T15:18:35.616Z","type":"general",
         "user_id":"12415231","version":"2.0","webhook_id":"4710827","change_source":"app",
         "permitted_user_ids":["123","456"],"attempt":1,"host":"company.pipedrive.com")" +
         more + "}";
}

inline std::string MetaV1(const std::string& action, const std::string& object,
                          const std::string& id) {
  return R"("v":1,"matches_filters":{"current":[]},"retry":0,"event":")" + action + "." + object +
         R"(","meta":{"v":1,"action":")" + action + R"(","object":")" + object +
         R"(","change_source":"api","id":)" + id +
         R"(,"company_id":1,"user_id":7,"host":"company.pipedrive.com","timestamp":1523440213,
         "timestamp_micro":1523440213384700,"permitted_user_ids":[1],"trans_pending":false,
         "is_bulk_update":true,"pipedrive_service_name":false,"webhook_id":"1"})";
}

}  // namespace connector::pipedrive
