-- Whose certificates are: by their SHA-256 (kind 'sha256', with no CA and no issuer), or by a name that an issuer gave under
-- a CA of the operator's settings. A primary key is bounded in PostgreSQL, and so are these names, to what the hub enrols.
CREATE TABLE certificate_holder (
  kind   text COLLATE "C" NOT NULL,
  ca     text COLLATE "C" NOT NULL,
  issuer text COLLATE "C" NOT NULL,
  name   text COLLATE "C" NOT NULL,
  person text COLLATE "C" NOT NULL REFERENCES person (uuid) ON DELETE CASCADE,
  PRIMARY KEY (kind, ca, issuer, name)
);
CREATE INDEX certificate_holder_person ON certificate_holder (person);
INSERT INTO certificate_holder (kind, ca, issuer, name, person) SELECT 'sha256', '', '', fingerprint, person FROM certificate;
DROP TABLE certificate;
