-- Where a request came from; '' in records of before, whose hashes do not cover it, and where nobody asked.
ALTER TABLE audit ADD COLUMN source TEXT NOT NULL DEFAULT '';
