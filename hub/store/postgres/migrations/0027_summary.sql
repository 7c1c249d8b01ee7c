-- The latest Summary Care Record of each patient. sharing is a code of SCR-ACSPermission. body is the Bundle, and empty if only sharing is
-- known.
CREATE TABLE summary (
  number  bigint PRIMARY KEY,
  id      text COLLATE "C" NOT NULL,
  sharing text COLLATE "C" NOT NULL,
  made    bigint NOT NULL,
  body    bytea NOT NULL
);

-- Privacy alerts: views of a summary without the patient's permission, and claimed legitimate relationships. type and reason are codes of
-- SCR-AlertType and SCR-AlertReason. A request makes one at most. Times are 0 until they happen; next_attempt is 0 unless the alert waits
-- to be sent to the national service.
CREATE TABLE privacy_alert (
  id           text COLLATE "C" PRIMARY KEY,
  at           bigint NOT NULL,
  type         bigint NOT NULL,
  reason       bigint NOT NULL,
  words        text COLLATE "C" NOT NULL,
  number       bigint NOT NULL,
  summary      text COLLATE "C" NOT NULL,
  person       text COLLATE "C" NOT NULL,
  name         text COLLATE "C" NOT NULL,
  urid         text COLLATE "C" NOT NULL,
  job_role     text COLLATE "C" NOT NULL,
  job_name     text COLLATE "C" NOT NULL,
  org_ods      text COLLATE "C" NOT NULL,
  org_name     text COLLATE "C" NOT NULL,
  session      text COLLATE "C" NOT NULL,
  request_id   text COLLATE "C" NOT NULL,
  closed       bigint NOT NULL,
  closed_by    text COLLATE "C" NOT NULL,
  closed_name  text COLLATE "C" NOT NULL,
  note         text COLLATE "C" NOT NULL,
  next_attempt bigint NOT NULL,
  attempts     bigint NOT NULL,
  sent         bigint NOT NULL,
  given_up     bigint NOT NULL,
  last_error   text COLLATE "C" NOT NULL,
  UNIQUE (person, request_id)
);
CREATE INDEX privacy_alert_organisation ON privacy_alert (org_ods, at);
CREATE INDEX privacy_alert_due ON privacy_alert (next_attempt) WHERE next_attempt <> 0;
CREATE INDEX privacy_alert_given_up ON privacy_alert (closed) WHERE given_up <> 0;
