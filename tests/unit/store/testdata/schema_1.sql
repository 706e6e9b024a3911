-- The first schema, as it lies in the databases of that time.
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
INSERT INTO connections (name) VALUES ('main');
INSERT INTO watermarks (conn, name, value) VALUES (1, 'w', '1');
INSERT INTO contacts (conn, key, brevo_id, body) VALUES (1, 1, 0, x'0100');
INSERT INTO marks (conn, contact, version, run, marked_at) VALUES (1, 1, 1, 0, 1);
PRAGMA user_version = 1;
PRAGMA application_id = 1346650691;
