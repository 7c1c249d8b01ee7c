CREATE TABLE patient (
  number        bigint PRIMARY KEY,
  confidential  boolean NOT NULL,
  invalidated   boolean NOT NULL,
  superseded_by bigint,
  body          bytea NOT NULL
);
CREATE INDEX patient_superseded_by ON patient (superseded_by) WHERE superseded_by IS NOT NULL;

-- One row for each name of a patient who can be found. Gender and days are repeated so that either index covers a search.
CREATE TABLE name_key (
  number       bigint NOT NULL REFERENCES patient (number) ON DELETE CASCADE,
  ordinal      integer NOT NULL,
  family       text COLLATE "C" NOT NULL,
  first_given  text COLLATE "C" NOT NULL,
  given        text COLLATE "C" NOT NULL,    -- every given name between spaces: ' tess mary '
  gender       text COLLATE "C" NOT NULL,
  born         integer NOT NULL,
  died         integer NOT NULL,
  ends         integer NOT NULL,
  confidential boolean NOT NULL,
  spelt        text NOT NULL,                -- hub/trace's own, for searches that allow for mistakes
  PRIMARY KEY (number, ordinal)
);
CREATE INDEX name_by_family ON name_key (family, born) INCLUDE (number, gender, died, ends, confidential);
CREATE INDEX name_by_born ON name_key (born, family) INCLUDE (number, gender, died, ends, confidential);

CREATE TABLE mark (
  number bigint NOT NULL REFERENCES patient (number) ON DELETE CASCADE,
  kind   text COLLATE "C" NOT NULL,
  value  text COLLATE "C" NOT NULL,
  ends   integer NOT NULL,
  PRIMARY KEY (number, kind, value)
);
CREATE INDEX mark_by_postcode ON mark (value) WHERE kind = 'postcode';

-- How the names sound: a row for each part of a family name with each given name. The key serves the birth year with both
-- sounds, the indexes a few birth dates with one of them, and the last one the replacement of a patient.
CREATE TABLE sound (
  family text COLLATE "C" NOT NULL,
  given  text COLLATE "C" NOT NULL,
  born   integer NOT NULL,
  number bigint NOT NULL REFERENCES patient (number) ON DELETE CASCADE,
  PRIMARY KEY (family, given, born, number)
);
CREATE INDEX sound_by_family ON sound (born, family) INCLUDE (number);
CREATE INDEX sound_by_given ON sound (born, given) INCLUDE (number);
CREATE INDEX sound_by_number ON sound (number);

CREATE TABLE related (
  number  bigint NOT NULL REFERENCES patient (number) ON DELETE CASCADE,
  ordinal integer NOT NULL,
  body    bytea NOT NULL,
  PRIMARY KEY (number, ordinal)
);
