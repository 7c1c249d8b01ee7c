CREATE TABLE authority (
  code         TEXT PRIMARY KEY,
  name         TEXT NOT NULL,
  office_phone TEXT NOT NULL,
  duty_phone   TEXT NOT NULL,
  endpoint     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE credential (
  hash      BLOB PRIMARY KEY,
  authority TEXT NOT NULL REFERENCES authority (code),
  label     TEXT NOT NULL,
  created   INTEGER NOT NULL,   -- every instant in this file: microseconds since 1970 UTC
  ended     INTEGER NOT NULL    -- 0 while it serves
) STRICT, WITHOUT ROWID;

CREATE TABLE upload (
  authority TEXT NOT NULL REFERENCES authority (code),
  file      TEXT NOT NULL,
  id        TEXT NOT NULL UNIQUE,
  digest    TEXT NOT NULL,
  at        INTEGER NOT NULL,
  answer    BLOB NOT NULL,
  PRIMARY KEY (authority, file)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan (
  id         TEXT PRIMARY KEY,
  number     INTEGER NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('CPP', 'LAC', 'UCPP')),
  start_day  INTEGER NOT NULL,
  end_day    INTEGER NOT NULL,
  due_day    INTEGER NOT NULL,
  authority  TEXT NOT NULL REFERENCES authority (code),
  reference  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX plan_number ON plan (number);

CREATE TABLE person (
  uuid   TEXT PRIMARY KEY,
  title  TEXT NOT NULL,
  given  TEXT NOT NULL,
  family TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE role (
  person     TEXT NOT NULL REFERENCES person (uuid) ON DELETE CASCADE,
  ordinal    INTEGER NOT NULL,
  urid       TEXT NOT NULL UNIQUE,
  job_role   TEXT NOT NULL,
  job_name   TEXT NOT NULL,
  role_name  TEXT NOT NULL,
  org_id     TEXT NOT NULL,
  org_ods    TEXT NOT NULL,
  org_name   TEXT NOT NULL,
  activities TEXT NOT NULL,      -- codes between spaces
  PRIMARY KEY (person, ordinal)
) STRICT, WITHOUT ROWID;

-- Whose a certificate is that does not say it itself.
CREATE TABLE certificate (
  fingerprint TEXT PRIMARY KEY,
  person      TEXT NOT NULL REFERENCES person (uuid) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE revocation (
  fingerprint TEXT NOT NULL,
  issuer      TEXT NOT NULL,
  serial      TEXT NOT NULL,
  at          INTEGER NOT NULL,
  reason      TEXT NOT NULL,
  PRIMARY KEY (fingerprint, issuer, serial)
) STRICT, WITHOUT ROWID;
CREATE INDEX revocation_serial ON revocation (serial) WHERE serial <> '';

-- Written to find out whether it can be written.
CREATE TABLE readiness (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  asked INTEGER NOT NULL
) STRICT;

CREATE TABLE nonce (
  hash    BLOB PRIMARY KEY,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE used (
  hash    BLOB PRIMARY KEY,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  id               TEXT PRIMARY KEY,
  token_hash       BLOB NOT NULL UNIQUE,
  person           TEXT NOT NULL,
  key_thumb        TEXT NOT NULL,
  cert_fingerprint TEXT NOT NULL,
  cert_issuer      TEXT NOT NULL,
  cert_serial      TEXT NOT NULL,
  begun            INTEGER NOT NULL,
  seen             INTEGER NOT NULL,
  expires          INTEGER NOT NULL,
  ended            INTEGER NOT NULL  -- 0 while it lasts
) STRICT, WITHOUT ROWID;

CREATE INDEX session_live ON session (expires) WHERE ended = 0;
CREATE INDEX session_certificate ON session (cert_serial) WHERE ended = 0;

CREATE TABLE access (
  id         TEXT PRIMARY KEY,
  number     INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  uuid       TEXT NOT NULL,
  urid       TEXT NOT NULL,
  name       TEXT NOT NULL,
  job_role   TEXT NOT NULL,
  job_name   TEXT NOT NULL,
  org_ods    TEXT NOT NULL,
  org_name   TEXT NOT NULL,
  session    TEXT NOT NULL,
  request_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX access_number ON access (number, at DESC, id);
CREATE TRIGGER access_is_not_changed BEFORE UPDATE ON access BEGIN SELECT RAISE(ABORT, 'an access is never changed'); END;
CREATE TRIGGER access_is_not_deleted BEFORE DELETE ON access BEGIN SELECT RAISE(ABORT, 'an access is never deleted'); END;

-- INSERT OR REPLACE deletes without firing a delete trigger.
CREATE TRIGGER access_is_not_replaced BEFORE INSERT ON access WHEN EXISTS (SELECT 1 FROM access WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'an access is never replaced'); END;

CREATE TABLE opening (
  session    TEXT NOT NULL,
  request_id TEXT NOT NULL,
  digest     TEXT NOT NULL,
  answer     BLOB NOT NULL,
  expires    INTEGER NOT NULL,
  PRIMARY KEY (session, request_id)
) STRICT, WITHOUT ROWID;

-- Order is the order of delivery to one authority. It may have gaps.
CREATE TABLE notification (
  ordinal      INTEGER PRIMARY KEY AUTOINCREMENT,
  id           TEXT NOT NULL UNIQUE,
  authority    TEXT NOT NULL REFERENCES authority (code),
  body         BLOB NOT NULL,
  created      INTEGER NOT NULL,
  attempts     INTEGER NOT NULL DEFAULT 0,
  next_attempt INTEGER NOT NULL,
  held_until   INTEGER NOT NULL DEFAULT 0,
  delivered    INTEGER NOT NULL DEFAULT 0,
  buried       INTEGER NOT NULL DEFAULT 0,
  last_error   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX notification_waiting ON notification (authority, ordinal) WHERE delivered = 0 AND buried = 0;
CREATE INDEX notification_buried ON notification (ordinal) WHERE buried <> 0;
CREATE INDEX notification_made ON notification (authority, created);

CREATE TABLE audit (
  seq        INTEGER PRIMARY KEY,
  at         INTEGER NOT NULL,
  request_id TEXT NOT NULL,
  session    TEXT NOT NULL,
  person     TEXT NOT NULL,
  urid       TEXT NOT NULL,
  org_ods    TEXT NOT NULL,
  action     TEXT NOT NULL,
  outcome    TEXT NOT NULL,
  reason     TEXT NOT NULL,
  patients   TEXT NOT NULL,      -- NHS numbers between spaces, in the order of the answer
  prev       BLOB NOT NULL,
  hash       BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'an audit record is never changed'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'an audit record is never deleted'); END;
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'an audit record is never replaced'); END;
