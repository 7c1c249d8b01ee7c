-- Whose certificates are: by their SHA-256 (kind 'sha256', with no CA and no issuer), or by a name that an issuer gave under
-- a CA of the operator's settings.
CREATE TABLE certificate_holder (
  kind   TEXT NOT NULL,
  ca     TEXT NOT NULL,
  issuer TEXT NOT NULL,
  name   TEXT NOT NULL,
  person TEXT NOT NULL REFERENCES person (uuid) ON DELETE CASCADE,
  PRIMARY KEY (kind, ca, issuer, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX certificate_holder_person ON certificate_holder (person);
INSERT INTO certificate_holder (kind, ca, issuer, name, person) SELECT 'sha256', '', '', fingerprint, person FROM certificate;
DROP TABLE certificate;
