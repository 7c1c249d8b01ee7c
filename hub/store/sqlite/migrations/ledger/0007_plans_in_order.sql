-- When its authority made the file that said so last: microseconds since 1970, or the number that the authority gave the file; 0 where it
-- gave neither.
ALTER TABLE upload ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
ALTER TABLE plan ADD COLUMN made INTEGER NOT NULL DEFAULT 0;

-- Another after each change of one of the authority's plans: a file that was worked out from an older one is worked out anew.
ALTER TABLE authority ADD COLUMN plans_version INTEGER NOT NULL DEFAULT 1;

-- Plans that were taken away, or that start on another day since, by a file of that time: an older file does not bring them back.
CREATE TABLE removed_plan (
  authority TEXT NOT NULL REFERENCES authority (code),
  number    INTEGER NOT NULL,
  kind      TEXT NOT NULL,
  reference TEXT NOT NULL,
  start_day INTEGER NOT NULL,
  made      INTEGER NOT NULL,
  PRIMARY KEY (number, authority, kind, reference, start_day)
) STRICT, WITHOUT ROWID;

-- Patients of whom an authority sent a plan that was refused because the record is restricted, with the file and its row. Until the
-- authority sends again, "none recorded" would be a false answer.
CREATE TABLE withheld (
  number    INTEGER NOT NULL,
  authority TEXT NOT NULL REFERENCES authority (code),
  file      TEXT NOT NULL,
  line      INTEGER NOT NULL,
  PRIMARY KEY (number, authority)
) STRICT, WITHOUT ROWID;
CREATE INDEX withheld_authority ON withheld (authority);
