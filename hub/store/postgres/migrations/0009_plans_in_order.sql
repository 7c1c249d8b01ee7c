-- When its authority made the file that said so last: microseconds since 1970, or the number that the authority gave the file; 0 where it
-- gave neither.
ALTER TABLE upload ADD COLUMN made bigint NOT NULL DEFAULT 0;
ALTER TABLE plan ADD COLUMN made bigint NOT NULL DEFAULT 0;

-- Another after each change of one of the authority's plans: a file that was worked out from an older one is worked out anew.
ALTER TABLE authority ADD COLUMN plans_version bigint NOT NULL DEFAULT 1;

-- Plans that were taken away, or that start on another day since, by a file of that time: an older file does not bring them back.
CREATE TABLE removed_plan (
  authority text COLLATE "C" NOT NULL REFERENCES authority (code),
  number    bigint NOT NULL,
  kind      text COLLATE "C" NOT NULL,
  reference text COLLATE "C" NOT NULL,
  start_day integer NOT NULL,
  made      bigint NOT NULL,
  PRIMARY KEY (number, authority, kind, reference, start_day)
);

-- Patients of whom an authority sent a plan that was refused because the record is restricted, with the file and its row. Until the
-- authority sends again, "none recorded" would be a false answer.
CREATE TABLE withheld (
  number    bigint NOT NULL,
  authority text COLLATE "C" NOT NULL REFERENCES authority (code),
  file      text COLLATE "C" NOT NULL,
  line      integer NOT NULL,
  PRIMARY KEY (number, authority)
);
CREATE INDEX withheld_authority ON withheld (authority);
