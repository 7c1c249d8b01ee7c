-- What has lapsed is forgotten every minute, and found by its time. What was used is sorted by it: one index serves both questions.
CREATE TABLE used_by_time (
  hash    BLOB NOT NULL,
  expires INTEGER NOT NULL,
  PRIMARY KEY (expires, hash)
) STRICT, WITHOUT ROWID;
INSERT INTO used_by_time SELECT hash, expires FROM used;
DROP TABLE used;
ALTER TABLE used_by_time RENAME TO used;

CREATE INDEX nonce_expires ON nonce (expires);
CREATE INDEX opening_expires ON opening (expires);
