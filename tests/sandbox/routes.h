// The handlers of each part of the two APIs, added to a router at the start.
#pragma once

#include "router.h"
#include "world.h"

namespace sandbox {

void AddPipedrivePersonRoutes(World& world, Router& router);  // v2 persons
void AddPipedriveRecordRoutes(World& world, Router& router);  // v2 organizations, deals, ...
void AddPipedriveWriteRoutes(World& world, Router& router);   // activities, leads, bulk deletion
void AddPipedriveSearchRoutes(World& world, Router& router);  // v2 search
void AddPipedriveFieldRoutes(World& world, Router& router);   // fields, v2 and v1
void AddPipedriveLeadRoutes(World& world, Router& router);    // v1 leads, read
void AddPipedriveV1Routes(World& world, Router& router);      // v1 records, merge, users/me, ...
// v1 webhooks, and a user's of the web app; wires deliveries.
void AddPipedriveWebhookRoutes(World& world, Router& router, Router& control);
void AddBrevoContactRoutes(World& world, Router& router);
void AddBrevoImportRoutes(World& world, Router& router);   // imports and processes
void AddBrevoListRoutes(World& world, Router& router);     // lists and folders
void AddBrevoAccountRoutes(World& world, Router& router);  // account, attributes
void AddBrevoEventRoutes(World& world, Router& router);
void AddBrevoWebhookRoutes(World& world, Router& router);  // wires deliveries
void AddOauthRoutes(World& world, Router& router);
void AddSalesControls(World& world, Router& router);  // activities and leads
void AddControlRoutes(World& world, Router& router);

}  // namespace sandbox
