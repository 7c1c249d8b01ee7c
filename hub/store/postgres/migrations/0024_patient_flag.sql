-- The flags of patients besides child protection: one of each kind. kind is a code of England-FlagCategoryPatient. active is 0 once a flag
-- has been removed; such a row shows that flags of this kind were imported. details is a JSON array.
CREATE TABLE patient_flag (
  kind         text COLLATE "C" NOT NULL,
  number       bigint NOT NULL,
  active       integer NOT NULL,
  recorded     bigint NOT NULL,
  organisation text NOT NULL,
  details      text NOT NULL,
  PRIMARY KEY (kind, number)
);
