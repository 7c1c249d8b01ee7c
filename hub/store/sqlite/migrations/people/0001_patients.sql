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
  PRIMARY KEY (number, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX name_by_family ON name_key (family, born, gender, first_given, given, died, ends, confidential);
CREATE INDEX name_by_born ON name_key (born, family, gender, first_given, given, died, ends, confidential);
CREATE INDEX name_by_full_name ON name_key (family, first_given);

CREATE TABLE mark (
  number INTEGER NOT NULL REFERENCES patient (number) ON DELETE CASCADE,
  kind   TEXT NOT NULL,
  value  TEXT NOT NULL,
  ends   INTEGER NOT NULL,
  PRIMARY KEY (number, kind, value)
) STRICT, WITHOUT ROWID;

-- Whom the wider search may mean. Each of the three tables by_... is a way in, and holds in who all that hub/trace compares, so that a
-- search reads a few short stretches of them and looks nobody up one by one. Who is a line of text (hub/store/row).
-- Born is yyyymmdd with 0 for what is not known.

-- A key of one name: how a family name or a given name sounds, or the first or last letter of the family name. Ends is a bit for each
-- first and last letter of the names that go with it. The same day of several years lies side by side: a birth date that is wrong
-- is most often wrong in its year.
CREATE TABLE by_key (
  key       TEXT NOT NULL,
  month_day INTEGER NOT NULL,
  year      INTEGER NOT NULL,
  number    INTEGER NOT NULL,
  ends      INTEGER NOT NULL,
  who       TEXT NOT NULL,
  PRIMARY KEY (key, month_day, year, number)
) STRICT, WITHOUT ROWID;

-- How family name and given name sound. The given names of one family and year lie side by side, as a search asks for many that
-- may stand for one another.
CREATE TABLE by_names (
  family TEXT NOT NULL,
  year   INTEGER NOT NULL,
  given  TEXT NOT NULL,
  number INTEGER NOT NULL,
  born   INTEGER NOT NULL,
  who    TEXT NOT NULL,
  PRIMARY KEY (family, year, given, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE by_postcode (
  postcode TEXT NOT NULL,
  number   INTEGER NOT NULL,
  born     INTEGER NOT NULL,
  who      TEXT NOT NULL,
  PRIMARY KEY (postcode, number)
) STRICT, WITHOUT ROWID;

-- Where a patient is in the three, to be taken out of them when the patient is replaced (postcodes are marks); and who it is, for those
-- who are found by the full name.
CREATE TABLE sought (
  number INTEGER PRIMARY KEY REFERENCES patient (number),
  born   INTEGER NOT NULL,
  sounds TEXT NOT NULL,
  keys   TEXT NOT NULL,
  who    TEXT NOT NULL
) STRICT;

CREATE TABLE related (
  number  INTEGER NOT NULL REFERENCES patient (number) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  body    BLOB NOT NULL,
  PRIMARY KEY (number, ordinal)
) STRICT, WITHOUT ROWID;
