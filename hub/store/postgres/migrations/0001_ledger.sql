-- Text compares bytewise (COLLATE "C"), so that an index serves a prefix and the order is SQLite's.

CREATE TABLE authority (
  code         text COLLATE "C" PRIMARY KEY,
  name         text NOT NULL,
  office_phone text NOT NULL,
  duty_phone   text NOT NULL,
  endpoint     text NOT NULL
);

CREATE TABLE credential (
  hash      bytea PRIMARY KEY,
  authority text COLLATE "C" NOT NULL REFERENCES authority (code),
  label     text NOT NULL,
  created   bigint NOT NULL,    -- every instant in these tables: microseconds since 1970 UTC
  ended     bigint NOT NULL     -- 0 while it serves
);
CREATE INDEX credential_authority ON credential (authority);

CREATE TABLE upload (
  authority text COLLATE "C" NOT NULL REFERENCES authority (code),
  file      text COLLATE "C" NOT NULL,
  id        text COLLATE "C" NOT NULL UNIQUE,
  digest    text NOT NULL,
  at        bigint NOT NULL,
  answer    bytea NOT NULL,
  PRIMARY KEY (authority, file)
);

CREATE TABLE plan (
  id         text COLLATE "C" PRIMARY KEY,
  number     bigint NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('CPP', 'LAC', 'UCPP')),
  start_day  integer NOT NULL,  -- every day in these tables: yyyymmdd, 0 for none
  end_day    integer NOT NULL,
  due_day    integer NOT NULL,
  authority  text COLLATE "C" NOT NULL REFERENCES authority (code),
  reference  text NOT NULL
);
CREATE INDEX plan_number ON plan (number);

CREATE TABLE person (
  uuid   text COLLATE "C" PRIMARY KEY,
  title  text NOT NULL,
  given  text NOT NULL,
  family text NOT NULL
);

CREATE TABLE role (
  person     text COLLATE "C" NOT NULL REFERENCES person (uuid) ON DELETE CASCADE,
  ordinal    integer NOT NULL,
  urid       text COLLATE "C" NOT NULL UNIQUE,
  job_role   text NOT NULL,
  job_name   text NOT NULL,
  role_name  text NOT NULL,
  org_id     text NOT NULL,
  org_ods    text NOT NULL,
  org_name   text NOT NULL,
  activities text NOT NULL,      -- codes between spaces
  PRIMARY KEY (person, ordinal)
);

-- Whose a certificate is that does not say it itself.
CREATE TABLE certificate (
  fingerprint text COLLATE "C" PRIMARY KEY,
  person      text COLLATE "C" NOT NULL REFERENCES person (uuid) ON DELETE CASCADE
);

CREATE TABLE revocation (
  fingerprint text COLLATE "C" NOT NULL,
  issuer      text COLLATE "C" NOT NULL,
  serial      text COLLATE "C" NOT NULL,
  at          bigint NOT NULL,
  reason      text NOT NULL,
  PRIMARY KEY (fingerprint, issuer, serial)
);
CREATE INDEX revocation_serial ON revocation (serial) WHERE serial <> '';

-- Written to find out whether it can be written.
CREATE TABLE readiness (
  id    integer PRIMARY KEY CHECK (id = 1),
  asked bigint NOT NULL
);

CREATE TABLE nonce (
  hash    bytea PRIMARY KEY,
  expires bigint NOT NULL
);

CREATE TABLE used (
  hash    bytea PRIMARY KEY,
  expires bigint NOT NULL
);

CREATE TABLE session (
  id               text COLLATE "C" PRIMARY KEY,
  token_hash       bytea NOT NULL UNIQUE,
  person           text NOT NULL,
  key_thumb        text NOT NULL,
  cert_fingerprint text COLLATE "C" NOT NULL,
  cert_issuer      text COLLATE "C" NOT NULL,
  cert_serial      text COLLATE "C" NOT NULL,
  begun            bigint NOT NULL,
  seen             bigint NOT NULL,
  expires          bigint NOT NULL,
  ended            bigint NOT NULL  -- 0 while it lasts
);
CREATE INDEX session_live ON session (expires) WHERE ended = 0;
CREATE INDEX session_fingerprint ON session (cert_fingerprint) WHERE ended = 0;
CREATE INDEX session_serial ON session (cert_serial) WHERE ended = 0;

CREATE TABLE access (
  id         text COLLATE "C" PRIMARY KEY,
  number     bigint NOT NULL,
  at         bigint NOT NULL,
  uuid       text NOT NULL,
  urid       text NOT NULL,
  name       text NOT NULL,
  job_role   text NOT NULL,
  job_name   text NOT NULL,
  org_ods    text NOT NULL,
  org_name   text NOT NULL,
  session    text NOT NULL,
  request_id text NOT NULL
);
CREATE INDEX access_number ON access (number, at DESC, id);

CREATE TABLE opening (
  session    text COLLATE "C" NOT NULL,
  request_id text COLLATE "C" NOT NULL,
  digest     text NOT NULL,
  answer     bytea NOT NULL,
  expires    bigint NOT NULL,
  PRIMARY KEY (session, request_id)
);

-- Order is the order of delivery to one authority. The hub gives it, under the lock on head: a sequence's numbers may become
-- visible in another order than they were drawn.
CREATE TABLE notification (
  ordinal      bigint PRIMARY KEY,
  id           text COLLATE "C" NOT NULL UNIQUE,
  authority    text COLLATE "C" NOT NULL REFERENCES authority (code),
  body         bytea NOT NULL,
  created      bigint NOT NULL,
  attempts     integer NOT NULL DEFAULT 0,
  next_attempt bigint NOT NULL,
  held_until   bigint NOT NULL DEFAULT 0,
  delivered    bigint NOT NULL DEFAULT 0,
  buried       bigint NOT NULL DEFAULT 0,
  last_error   text NOT NULL DEFAULT ''
);
CREATE INDEX notification_waiting ON notification (authority, ordinal) WHERE delivered = 0 AND buried = 0;
CREATE INDEX notification_buried ON notification (ordinal) WHERE buried <> 0;
CREATE INDEX notification_made ON notification (authority, created);

CREATE TABLE audit (
  seq        bigint PRIMARY KEY,
  at         bigint NOT NULL,
  request_id text NOT NULL,
  session    text NOT NULL,
  person     text NOT NULL,
  urid       text NOT NULL,
  org_ods    text NOT NULL,
  action     text NOT NULL,
  outcome    text NOT NULL,
  reason     text NOT NULL,
  patients   text NOT NULL,      -- NHS numbers between spaces, in the order of the answer
  prev       bytea NOT NULL,
  hash       bytea NOT NULL
);

-- The end of the audit, and the place of the last notification. Every commit locks this one row, so that hubs beside each other
-- extend one chain without a gap.
CREATE TABLE head (
  one      boolean PRIMARY KEY CHECK (one),
  seq      bigint NOT NULL,
  hash     bytea NOT NULL,
  notified bigint NOT NULL
);
INSERT INTO head VALUES (true, 0, decode(repeat('00', 32), 'hex'), 0);

CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is never changed or deleted', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER access_is_kept BEFORE UPDATE OR DELETE ON access FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER access_is_not_emptied BEFORE TRUNCATE ON access FOR EACH STATEMENT EXECUTE FUNCTION append_only();
