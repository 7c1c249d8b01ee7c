CREATE TABLE patient (
  number        INTEGER PRIMARY KEY,
  confidential  INTEGER NOT NULL CHECK (confidential IN (0, 1)),
  invalidated   INTEGER NOT NULL CHECK (invalidated IN (0, 1)),
  superseded_by INTEGER,
  body          BLOB NOT NULL
) STRICT;
CREATE INDEX patient_superseded_by ON patient (superseded_by) WHERE superseded_by IS NOT NULL;

-- One row for each name of a patient who can be found. Gender and days are repeated so that either index covers a search.
CREATE TABLE name_key (
  number       INTEGER NOT NULL REFERENCES patient (number) ON DELETE CASCADE,
  ordinal      INTEGER NOT NULL,
  family       TEXT NOT NULL,
  first_given  TEXT NOT NULL,
  given        TEXT NOT NULL,    -- every given name between spaces: ' tess mary '
  gender       TEXT NOT NULL,
  born         INTEGER NOT NULL,
  died         INTEGER NOT NULL,
  ends         INTEGER NOT NULL,
  confidential INTEGER NOT NULL,
  spelt        TEXT NOT NULL,    -- hub/trace's own, for searches that allow for mistakes
  PRIMARY KEY (number, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX name_by_family ON name_key (family, born, gender, first_given, given, died, ends, confidential);
CREATE INDEX name_by_born ON name_key (born, family, gender, first_given, given, died, ends, confidential);

CREATE TABLE mark (
  number INTEGER NOT NULL REFERENCES patient (number) ON DELETE CASCADE,
  kind   TEXT NOT NULL,
  value  TEXT NOT NULL,
  ends   INTEGER NOT NULL,
  PRIMARY KEY (number, kind, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX mark_by_postcode ON mark (value) WHERE kind = 'postcode';

-- How the names sound: a row for each part of a family name with each given name. The key serves the birth year with both
-- sounds, the indexes a few birth dates with one of them, and the last one the replacement of a patient.
CREATE TABLE sound (
  family TEXT NOT NULL,
  given  TEXT NOT NULL,
  born   INTEGER NOT NULL,
  number INTEGER NOT NULL REFERENCES patient (number) ON DELETE CASCADE,
  PRIMARY KEY (family, given, born, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX sound_by_family ON sound (born, family);
CREATE INDEX sound_by_given ON sound (born, given);
CREATE INDEX sound_by_number ON sound (number);

CREATE TABLE related (
  number  INTEGER NOT NULL REFERENCES patient (number) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  body    BLOB NOT NULL,
  PRIMARY KEY (number, ordinal)
) STRICT, WITHOUT ROWID;
