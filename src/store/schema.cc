#include "store/schema.h"

#include <array>

namespace connector::store {
namespace {

// Queries that must use an index name it (INDEXED BY): without statistics the planner may think
// little of an index over (conn, x), and then walks the whole connection.
//
// Times are microseconds since 1970 in UTC; enumerations are the numbers of src/model; bodies are
// what model/wire.h writes.
constexpr char kInitial[] = R"sql(
-- A pair of accounts, and the last number it gave of each kind; no number is ever given twice.
CREATE TABLE connections (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  last_contact INTEGER NOT NULL DEFAULT 0,
  last_mark INTEGER NOT NULL DEFAULT 0,
  last_failure INTEGER NOT NULL DEFAULT 0,
  last_import INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE runs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  conn INTEGER NOT NULL,
  id TEXT NOT NULL,
  kind INTEGER NOT NULL,
  dry_run INTEGER NOT NULL,
  state INTEGER NOT NULL,
  options BLOB NOT NULL,
  progress BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  scheduled INTEGER NOT NULL,
  error TEXT NOT NULL DEFAULT '',
  owner TEXT NOT NULL DEFAULT '',
  lease_until INTEGER NOT NULL DEFAULT 0,
  UNIQUE (conn, id)
) STRICT;
-- Two runs of one kind never overlap.
CREATE UNIQUE INDEX runs_unfinished ON runs (conn, kind, dry_run) WHERE state <= 1;

CREATE TABLE cursors (
  conn INTEGER NOT NULL,
  run INTEGER NOT NULL,
  walk TEXT NOT NULL,
  value TEXT NOT NULL,
  done INTEGER NOT NULL,
  PRIMARY KEY (conn, run, walk)
) STRICT, WITHOUT ROWID;

CREATE TABLE watermarks (
  conn INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (conn, name)
) STRICT, WITHOUT ROWID;

-- `contact` is the binding of a person: N persons to one contact.
CREATE TABLE persons (
  conn INTEGER NOT NULL,
  id INTEGER NOT NULL,
  updated_at INTEGER,
  org INTEGER,
  contact INTEGER,
  deleted INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (conn, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX bindings ON persons (conn, contact) WHERE contact IS NOT NULL;
CREATE INDEX persons_by_org ON persons (conn, org) WHERE org IS NOT NULL;

CREATE TABLE organizations (
  conn INTEGER NOT NULL,
  id INTEGER NOT NULL,
  updated_at INTEGER,
  body BLOB NOT NULL,
  PRIMARY KEY (conn, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE contacts (
  conn INTEGER NOT NULL,
  key INTEGER NOT NULL,
  brevo_id INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (conn, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_by_brevo_id ON contacts (conn, brevo_id) WHERE brevo_id <> 0;

CREATE TABLE identifiers (
  conn INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  value TEXT NOT NULL,
  contact INTEGER NOT NULL,
  PRIMARY KEY (conn, kind, value)
) STRICT, WITHOUT ROWID;

-- The dirty queue. version 0: clean, kept only for `jobs`, the number of open import rows of the
-- contact. run: number of the run that holds the mark back, 0 if it is free.
CREATE TABLE marks (
  conn INTEGER NOT NULL,
  contact INTEGER NOT NULL,
  version INTEGER NOT NULL,
  run INTEGER NOT NULL,
  marked_at INTEGER NOT NULL,
  not_before INTEGER NOT NULL DEFAULT 0,
  lease_until INTEGER NOT NULL DEFAULT 0,
  jobs INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (conn, contact)
) STRICT, WITHOUT ROWID;
-- So that looking for free marks does not wade through a backfill's.
CREATE INDEX free_marks ON marks (conn, contact) WHERE run = 0;

CREATE TABLE import_jobs (
  conn INTEGER NOT NULL,
  id INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  kind INTEGER NOT NULL,
  state INTEGER NOT NULL,
  list_id INTEGER NOT NULL,
  process_id INTEGER NOT NULL,
  row_count INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (conn, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE import_job_rows (
  conn INTEGER NOT NULL,
  job INTEGER NOT NULL,
  contact INTEGER NOT NULL,
  version INTEGER NOT NULL,
  creates INTEGER NOT NULL,  -- ImportRow::Counts
  body BLOB NOT NULL,
  PRIMARY KEY (conn, job, contact)
) STRICT, WITHOUT ROWID;

CREATE TABLE failures (
  conn INTEGER NOT NULL,
  id INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  entity TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  reason INTEGER NOT NULL,
  field TEXT NOT NULL,
  detail TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (conn, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE plans (
  conn INTEGER NOT NULL,
  run INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (conn, run, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE schemas (
  conn INTEGER PRIMARY KEY,
  body BLOB NOT NULL,
  fetched_at INTEGER NOT NULL
) STRICT;
)sql";

constexpr char kUrgency[] = R"sql(
-- 0: waits for a run, 1: now, with many others, 2: now and soon
ALTER TABLE marks ADD COLUMN urgency INTEGER NOT NULL DEFAULT 0;
CREATE INDEX live_marks ON marks (conn, urgency, contact) WHERE run = 0 AND urgency > 0;
)sql";

constexpr char kEvents[] = R"sql(
-- Recognises repetitions. Its id is the event's for good: rows come in the order of their commits, so
-- the oldest are found without an index. persons: whose contacts the settled event concerned.
CREATE TABLE inbox_keys (
  id INTEGER PRIMARY KEY,
  conn INTEGER NOT NULL,
  key TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  persons BLOB,
  UNIQUE (conn, key)
) STRICT;

-- Events from acknowledgement to settlement. With rowid: a body of 2 kB then stays in one page.
CREATE TABLE inbox (
  id INTEGER PRIMARY KEY,
  conn INTEGER NOT NULL,
  source INTEGER NOT NULL,
  lane TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  bulk INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  body BLOB NOT NULL
) STRICT;
-- Holds the lane so that looking for the next due ones reads no body.
CREATE INDEX inbox_order ON inbox (conn, bulk, id, lane);
CREATE INDEX inbox_by_lane ON inbox (conn, lane, id);

-- Lanes that are leased (lease_until > 0) or wait for a retry. Apart from the events, so that leasing
-- does not write their bodies again. last_event: the newest event that was leased.
CREATE TABLE inbox_lanes (
  conn INTEGER NOT NULL,
  lane TEXT NOT NULL,
  owner TEXT NOT NULL,
  lease_until INTEGER NOT NULL,
  not_before INTEGER NOT NULL DEFAULT 0,
  last_event INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (conn, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox_keys (
  id INTEGER PRIMARY KEY,
  conn INTEGER NOT NULL,
  key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (conn, key)
) STRICT;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  conn INTEGER NOT NULL,
  person INTEGER NOT NULL,
  state INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  not_before INTEGER NOT NULL DEFAULT 0,
  owner TEXT NOT NULL DEFAULT '',
  lease_until INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  intent_at INTEGER,
  looks INTEGER NOT NULL DEFAULT 0,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX outbox_order ON outbox (conn, state, id);
CREATE INDEX outbox_by_person ON outbox (conn, person);
)sql";

constexpr char kLeaseOwner[] = R"sql(
-- Whose lease of the contact it is, '' if it is not leased.
ALTER TABLE marks ADD COLUMN lease_owner TEXT NOT NULL DEFAULT '';
CREATE INDEX leased_marks ON marks (conn, lease_owner) WHERE lease_owner <> '';
)sql";

constexpr char kTokens[] = R"sql(
-- body is encrypted (store/sealer.h). owner: who renews the grant, '' for nobody.
CREATE TABLE tokens (
  version INTEGER PRIMARY KEY AUTOINCREMENT,
  conn INTEGER NOT NULL UNIQUE,
  body BLOB NOT NULL,
  owner TEXT NOT NULL DEFAULT '',
  lease_until INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE authorizations (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  conn INTEGER NOT NULL,
  state TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  UNIQUE (conn, state)
) STRICT;
)sql";

// Deals: the columns are what counts, revenue and lists are computed from, the rest is in the body.
// seen: number of the last run that read all deals and saw this one.
constexpr char kDeals[] = R"sql(
CREATE TABLE deals (
  conn INTEGER NOT NULL,
  id INTEGER NOT NULL,
  person INTEGER,
  status INTEGER NOT NULL,
  pipeline INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  currency TEXT NOT NULL,
  millionths INTEGER NOT NULL,
  closed_at INTEGER NOT NULL,
  added_at INTEGER,
  updated_at INTEGER,
  seen INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (conn, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX deals_by_person ON deals (conn, person) WHERE person IS NOT NULL;

CREATE TABLE stage_moves (
  conn INTEGER NOT NULL,
  deal INTEGER NOT NULL,
  at INTEGER NOT NULL,
  to_stage INTEGER NOT NULL,
  from_stage INTEGER NOT NULL,
  PRIMARY KEY (conn, deal, at, to_stage)
) STRICT, WITHOUT ROWID;
)sql";

// Leads as deals; what was told of activities (store/sql_activities.cc); which run that read all
// organizations saw one last, and whether it is deleted. Of organizations that were stored before,
// nobody knows the latter: the next run of all finds out.
constexpr char kSales[] = R"sql(
CREATE TABLE leads (
  conn INTEGER NOT NULL,
  id TEXT NOT NULL,
  person INTEGER,
  org INTEGER,
  open INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  updated_at INTEGER,
  seen INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (conn, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX leads_by_person ON leads (conn, person) WHERE person IS NOT NULL;
CREATE INDEX leads_by_org ON leads (conn, org) WHERE person IS NULL AND org IS NOT NULL;

CREATE TABLE activities (
  conn INTEGER NOT NULL,
  id INTEGER NOT NULL,
  added INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (conn, id)
) STRICT, WITHOUT ROWID;

ALTER TABLE organizations ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organizations ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
)sql";

// held: 1 while an event waits for its contact's write, until not_before at most.
constexpr char kHeldEvents[] = R"sql(
ALTER TABLE outbox ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_due ON outbox (conn, state, not_before, id);
CREATE INDEX outbox_held ON outbox (conn, person) WHERE held = 1;
CREATE TRIGGER written_contacts AFTER DELETE ON marks BEGIN
  UPDATE outbox SET held = 0, not_before = 0 WHERE conn = OLD.conn AND held = 1 AND person IN
    (SELECT id FROM persons WHERE conn = OLD.conn AND contact = OLD.contact);
END;
CREATE TRIGGER rebound_persons AFTER UPDATE OF contact ON persons
WHEN OLD.contact IS NOT NEW.contact BEGIN
  UPDATE outbox SET held = 0, not_before = 0 WHERE conn = NEW.conn AND held = 1 AND person = NEW.id;
END;
)sql";

// PostgreSQL's triggers call functions.
constexpr char kHeldEventsInPostgres[] = R"sql(
ALTER TABLE outbox ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
CREATE INDEX outbox_due ON outbox (conn, state, not_before, id);
CREATE INDEX outbox_held ON outbox (conn, person) WHERE held = 1;
CREATE FUNCTION written_contacts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE outbox SET held = 0, not_before = 0 WHERE conn = OLD.conn AND held = 1 AND person IN
    (SELECT id FROM persons WHERE conn = OLD.conn AND contact = OLD.contact);
  RETURN NULL;
END $$;
CREATE TRIGGER written_contacts AFTER DELETE ON marks
  FOR EACH ROW EXECUTE FUNCTION written_contacts();
CREATE FUNCTION rebound_persons() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE outbox SET held = 0, not_before = 0 WHERE conn = NEW.conn AND held = 1 AND person = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER rebound_persons AFTER UPDATE OF contact ON persons
  FOR EACH ROW WHEN (OLD.contact IS DISTINCT FROM NEW.contact) EXECUTE FUNCTION rebound_persons();
)sql";

constexpr char kErasures[] = R"sql(
-- Audit records of erasures: no personal data once finished_at is set, when target is empty.
CREATE TABLE erasures (
  conn INTEGER NOT NULL,
  id TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  finished_at INTEGER,
  here INTEGER NOT NULL,
  pipedrive INTEGER NOT NULL,
  brevo INTEGER NOT NULL,
  target BLOB NOT NULL,
  PRIMARY KEY (conn, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX erasures_unfinished ON erasures (conn, requested_at) WHERE finished_at IS NULL;

CREATE TABLE tombstone_keys (
  conn INTEGER PRIMARY KEY,
  key BLOB NOT NULL
) STRICT;

-- hash: HMAC-SHA-256 of an address or an EXT_ID that must not come back.
CREATE TABLE tombstones (
  conn INTEGER NOT NULL,
  hash BLOB NOT NULL,
  erasure TEXT NOT NULL,
  PRIMARY KEY (conn, hash)
) STRICT, WITHOUT ROWID;
)sql";

// The replicas that share an account's budget, and what they spent on its latest day.
constexpr char kLedger[] = R"sql(
CREATE TABLE budget_members (
  account TEXT NOT NULL,
  member TEXT NOT NULL,
  joined_at INTEGER NOT NULL,
  reported_at INTEGER NOT NULL,
  PRIMARY KEY (account, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE budget_days (
  account TEXT NOT NULL,
  day TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  PRIMARY KEY (account, day)
) STRICT, WITHOUT ROWID;
)sql";

// What a run of everything has seen: a row for each page. `ids`: ascending, as differences.
constexpr char kSightings[] = R"sql(
CREATE TABLE sightings (
  conn INTEGER NOT NULL,
  run INTEGER NOT NULL,
  what INTEGER NOT NULL,
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  ids BLOB NOT NULL,
  PRIMARY KEY (conn, run, what, first_id, last_id)
) STRICT;
)sql";

constexpr std::array<SchemaStep, 11> kSteps = {{{kInitial},
                                                {kUrgency},
                                                {kEvents},
                                                {kLeaseOwner},
                                                {kTokens},
                                                {kDeals},
                                                {kSales},
                                                {kHeldEvents, kHeldEventsInPostgres},
                                                {kErasures},
                                                {kLedger},
                                                {kSightings}}};

}  // namespace

absl::Span<const SchemaStep> SchemaSteps() { return kSteps; }

}  // namespace connector::store
