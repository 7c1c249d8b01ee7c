-- The tables of the wider search are others from here on, and only the program can fill them. Patients of an earlier build would not be
-- found, so a database that holds some is refused until they are taken out and imported again. The ledger stays as it is.
DO $$ BEGIN
  IF EXISTS (SELECT FROM patient) THEN
    RAISE EXCEPTION 'the patients in this database are of an earlier build: run TRUNCATE patient CASCADE, start the hub again, and import them again';
  END IF;
END $$;

DROP TABLE sound;
ALTER TABLE name_key DROP COLUMN spelt;
CREATE INDEX name_by_full_name ON name_key (family, first_given) INCLUDE (number);

-- Who a patient is, in one line of text (hub/store/row). Born is yyyymmdd with 0 for what is not known, here and below.
CREATE TABLE sought (
  number bigint PRIMARY KEY REFERENCES patient (number) ON DELETE CASCADE,
  born   integer NOT NULL,
  who    text NOT NULL
);

-- A key of one name: how a family name or a given name sounds, or the first or last letter of the family name. Ends is a bit for each
-- first and last letter of the names that go with it.
CREATE TABLE near_key (
  born   integer NOT NULL,
  key    text COLLATE "C" NOT NULL,
  ends   bigint NOT NULL,
  number bigint NOT NULL REFERENCES patient (number) ON DELETE CASCADE
);
CREATE INDEX near_key_by_key ON near_key (born, key) INCLUDE (ends, number);
CREATE INDEX near_key_by_number ON near_key (number);

-- How the names sound: a row for each part of a family name with each given name. The index by number serves the replacement of a
-- patient.
CREATE TABLE sound (
  family text COLLATE "C" NOT NULL,
  given  text COLLATE "C" NOT NULL,
  born   integer NOT NULL,
  number bigint NOT NULL REFERENCES patient (number) ON DELETE CASCADE,
  PRIMARY KEY (family, given, born, number)
);
CREATE INDEX sound_by_number ON sound (number);
