-- Another whenever the person or their roles are put: a request that rests on an older one is not answered.
ALTER TABLE person ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
