-- The latest Summary Care Record of each patient. sharing is a code of SCR-ACSPermission. body is the Bundle, and empty if only sharing is
-- known.
CREATE TABLE summary (
  number  INTEGER NOT NULL PRIMARY KEY,
  id      TEXT NOT NULL,
  sharing TEXT NOT NULL,
  made    INTEGER NOT NULL,
  body    BLOB NOT NULL
) STRICT;

-- Privacy alerts: views of a summary without the patient's permission, and claimed legitimate relationships. type and reason are codes of
-- SCR-AlertType and SCR-AlertReason. A request makes one at most. Times are 0 until they happen; next_attempt is 0 unless the alert waits
-- to be sent to the national service.
CREATE TABLE privacy_alert (
  id           TEXT NOT NULL PRIMARY KEY,
  at           INTEGER NOT NULL,
  type         INTEGER NOT NULL,
  reason       INTEGER NOT NULL,
  words        TEXT NOT NULL,
  number       INTEGER NOT NULL,
  summary      TEXT NOT NULL,
  person       TEXT NOT NULL,
  name         TEXT NOT NULL,
  urid         TEXT NOT NULL,
  job_role     TEXT NOT NULL,
  job_name     TEXT NOT NULL,
  org_ods      TEXT NOT NULL,
  org_name     TEXT NOT NULL,
  session      TEXT NOT NULL,
  request_id   TEXT NOT NULL,
  closed       INTEGER NOT NULL,
  closed_by    TEXT NOT NULL,
  closed_name  TEXT NOT NULL,
  note         TEXT NOT NULL,
  next_attempt INTEGER NOT NULL,
  attempts     INTEGER NOT NULL,
  sent         INTEGER NOT NULL,
  given_up     INTEGER NOT NULL,
  last_error   TEXT NOT NULL,
  UNIQUE (person, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX privacy_alert_organisation ON privacy_alert (org_ods, at);
CREATE INDEX privacy_alert_due ON privacy_alert (next_attempt) WHERE next_attempt <> 0;
CREATE INDEX privacy_alert_given_up ON privacy_alert (closed) WHERE given_up <> 0;
