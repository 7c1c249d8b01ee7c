-- The flags of patients besides child protection: one of each kind. kind is a code of England-FlagCategoryPatient. active is 0 once a flag
-- has been removed; such a row shows that flags of this kind were imported. details is a JSON array.
CREATE TABLE patient_flag (
  kind         TEXT NOT NULL,
  number       INTEGER NOT NULL,
  active       INTEGER NOT NULL,
  recorded     INTEGER NOT NULL,
  organisation TEXT NOT NULL,
  details      TEXT NOT NULL,
  PRIMARY KEY (kind, number)
) STRICT, WITHOUT ROWID;
