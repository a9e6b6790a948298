"""The tables of the three files, as SQL.

cache.db (may be dropped and rebuilt from the server):
  base        every entity as last seen: `raw` JSON, `hash` of it, `stamp` word for word, `gen` of the last
              walk that saw it, `suspect` (to be read by id), `gone_at` (removed by the server); `detail_…`:
              when, at which stamp and with what result that was read which only a read by id tells
  technician, customer, job, visit
              the same, typed. A job's `shown_…` columns are rolled up from its visits. A visit carries the
              facts of its job in `drawn` (`rows.draw`), so that a day is one SELECT of one column; a job
              without visits has a made-up one (id of the job). `rev` is the number of the write that last
              changed the row
  vanished    visits and jobs that are no more, by `rev`: what a board has to take away
  echo        values that the server took from us and that no read has shown yet
  cursor      a row a kind: how far its changes were read, the finished run before, the hash of the last body
  set_aside   rows that could not be read
  learned     what the server taught about itself
  sync_state  one row: what the sync process is doing
  meta        counters: rev, gen, technicians_rev, echo_rev

outbox.db (precious):
  operation   the edits and their fate; `born` and `rev` are numbers of writes; `chained` marks one that was
              cancelled with the operation it depended on
  step        the requests of an operation, each with what became of it
  idmap       ids of ours for what was created, and the server's
  contest     fields on which an operation met another value than the one it was based on
  meta        counters: rev, fence

history.db (append-only, 400 days):
  line        one changed field of one entity
"""

from __future__ import annotations

from typing import Final

CACHE: Final = """
CREATE TABLE base (
  kind TEXT NOT NULL, id TEXT NOT NULL, raw TEXT NOT NULL, hash BLOB NOT NULL, stamp TEXT, stamp_at REAL,
  seen_at INTEGER NOT NULL, gen INTEGER NOT NULL, suspect INTEGER NOT NULL DEFAULT 0, gone_at INTEGER,
  PRIMARY KEY (kind, id)
) STRICT;
CREATE INDEX base_suspect ON base (kind, id) WHERE suspect = 1;
CREATE INDEX base_gone ON base (gone_at) WHERE gone_at IS NOT NULL;

CREATE TABLE technician (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT, since INTEGER, active INTEGER NOT NULL,
  skills TEXT NOT NULL, skills_known INTEGER NOT NULL, shift TEXT, breaks TEXT, absences TEXT,
  capacity INTEGER, home_lat REAL, home_lng REAL, territory TEXT, phone TEXT, lat REAL, lng REAL, role TEXT
) STRICT;

CREATE TABLE customer (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT, email TEXT, address TEXT, lat REAL, lng REAL,
  folded TEXT NOT NULL
) STRICT;

CREATE TABLE job (
  id TEXT NOT NULL UNIQUE, search TEXT NOT NULL, number TEXT, title TEXT NOT NULL, customer_id TEXT,
  customer TEXT, phone TEXT, address TEXT, lat REAL, lng REAL, status TEXT NOT NULL, raw_status TEXT NOT NULL,
  priority INTEGER, technicians TEXT NOT NULL, start INTEGER, "end" INTEGER, duration INTEGER,
  windows TEXT NOT NULL, skills TEXT NOT NULL, territory TEXT, kind TEXT, created_at INTEGER,
  updated_at INTEGER, shown_status TEXT NOT NULL, shown_technicians TEXT NOT NULL, shown_start INTEGER,
  shown_end INTEGER, date TEXT, shown_customer TEXT, rev INTEGER NOT NULL, notes TEXT, items TEXT, fields TEXT
) STRICT;
CREATE INDEX job_rev ON job (rev);
CREATE INDEX job_number ON job (number) WHERE number IS NOT NULL;
CREATE INDEX job_customer ON job (customer_id) WHERE customer_id IS NOT NULL;

CREATE TABLE visit (
  id TEXT NOT NULL UNIQUE, job_id TEXT NOT NULL, start INTEGER, "end" INTEGER, date TEXT, sequence INTEGER,
  nth INTEGER NOT NULL, made_up INTEGER NOT NULL, ended INTEGER NOT NULL, queued INTEGER NOT NULL,
  urgency INTEGER NOT NULL, promise INTEGER NOT NULL, created_at INTEGER, system_start INTEGER,
  system_end INTEGER, observed_start INTEGER, observed_end INTEGER, rev INTEGER NOT NULL, drawn BLOB NOT NULL
) STRICT;
CREATE INDEX visit_job ON visit (job_id);
CREATE INDEX visit_start ON visit (start, "end") WHERE start IS NOT NULL;
CREATE INDEX visit_long ON visit ("end", start) WHERE "end" - start > 86400;
CREATE INDEX visit_date ON visit (date) WHERE start IS NULL AND date IS NOT NULL;
CREATE INDEX visit_queue ON visit (urgency, promise, created_at, id) WHERE queued = 1;
CREATE INDEX visit_rev ON visit (rev);

CREATE TABLE vanished (
  kind TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, PRIMARY KEY (kind, id)
) STRICT;
CREATE INDEX vanished_rev ON vanished (rev);

CREATE TABLE echo (
  kind TEXT NOT NULL, id TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, expected TEXT NOT NULL,
  op_id TEXT NOT NULL, by TEXT NOT NULL, acked_at INTEGER NOT NULL, PRIMARY KEY (kind, id, field)
) STRICT;

CREATE TABLE cursor (
  kind TEXT PRIMARY KEY, stamp TEXT, previous_stamp TEXT, run_id TEXT NOT NULL, finished_at INTEGER NOT NULL,
  full_at INTEGER, body_hash TEXT
) STRICT;

CREATE TABLE set_aside (
  kind TEXT NOT NULL, id TEXT NOT NULL, why TEXT NOT NULL, raw TEXT NOT NULL, seen_at INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT;

CREATE TABLE learned (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE sync_state (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  last_round_started INTEGER, last_round_finished INTEGER, last_full_finished INTEGER, last_ok INTEGER,
  error TEXT, wait_until INTEGER, progress_done INTEGER, progress_total INTEGER, progress_says TEXT,
  offline_since INTEGER, server_offset_s REAL, syncer_pid INTEGER
) STRICT;
INSERT INTO sync_state (one) VALUES (1);

CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT INTO meta VALUES ('rev', 0), ('gen', 0), ('technicians_rev', 0), ('echo_rev', 0);
"""

CACHE_DETAILS: Final = """
ALTER TABLE base ADD COLUMN detail_hash BLOB;
ALTER TABLE base ADD COLUMN detail_stamp TEXT;
ALTER TABLE base ADD COLUMN detail_at INTEGER;
ALTER TABLE customer ADD COLUMN sites TEXT;
ALTER TABLE job ADD COLUMN site_id TEXT;
ALTER TABLE job ADD COLUMN site TEXT;
ALTER TABLE job ADD COLUMN actual_start INTEGER;
ALTER TABLE job ADD COLUMN actual_end INTEGER;
ALTER TABLE job ADD COLUMN assets TEXT;
"""

CACHE_ORDER: Final = """
ALTER TABLE job ADD COLUMN own_date TEXT;
ALTER TABLE job ADD COLUMN sequence INTEGER;
"""

CACHE_SUGGESTED: Final = """
ALTER TABLE job ADD COLUMN suggested TEXT;
"""

OUTBOX: Final = """
CREATE TABLE operation (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, op_id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, group_id TEXT,
  intent TEXT NOT NULL, entity TEXT NOT NULL, changes TEXT NOT NULL, label TEXT NOT NULL,
  warnings TEXT NOT NULL, state TEXT NOT NULL, reason TEXT, undoes TEXT, created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL, sent_at INTEGER, ended_at INTEGER, attempts INTEGER NOT NULL DEFAULT 0,
  ever_uncertain INTEGER NOT NULL DEFAULT 0, not_before INTEGER, noted INTEGER NOT NULL DEFAULT 0,
  fence INTEGER, chained INTEGER NOT NULL DEFAULT 0, born INTEGER NOT NULL, rev INTEGER NOT NULL
) STRICT;
CREATE INDEX operation_state ON operation (state);
CREATE INDEX operation_rev ON operation (rev);
CREATE INDEX operation_undoes ON operation (undoes) WHERE undoes IS NOT NULL;
CREATE INDEX operation_group ON operation (group_id) WHERE group_id IS NOT NULL;

CREATE TABLE step (
  op_id TEXT NOT NULL, idx INTEGER NOT NULL, change INTEGER NOT NULL, method TEXT NOT NULL,
  path TEXT NOT NULL,
  body TEXT NOT NULL, marker TEXT, says TEXT NOT NULL, outcome TEXT, status INTEGER, why TEXT, new_id TEXT,
  started_at INTEGER NOT NULL, finished_at INTEGER, tries INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (op_id, idx)
) STRICT;

CREATE TABLE idmap (
  temp_id TEXT NOT NULL, kind TEXT NOT NULL, server_id TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (temp_id, kind)
) STRICT;

CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT INTO meta VALUES ('rev', 0), ('fence', 0);
"""

OUTBOX_CONTESTS: Final = """
CREATE TABLE contest (
  op_id TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, field TEXT NOT NULL, base TEXT NOT NULL,
  mine TEXT NOT NULL, theirs TEXT NOT NULL, by TEXT, at INTEGER, seen_at INTEGER
) STRICT;
CREATE INDEX contest_operation ON contest (op_id);
"""

HISTORY: Final = """
CREATE TABLE line (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER, seen_at INTEGER NOT NULL, job_id TEXT,
  entity TEXT NOT NULL,
  field TEXT NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL, by TEXT, source TEXT NOT NULL, reason TEXT
) STRICT;
CREATE INDEX line_job ON line (job_id, seq);
CREATE INDEX line_seen ON line (seen_at);
CREATE INDEX line_entity ON line (entity, field, seq);
CREATE INDEX line_observed ON line (entity, seq) WHERE field IN ('observed_start', 'observed_end');
"""
