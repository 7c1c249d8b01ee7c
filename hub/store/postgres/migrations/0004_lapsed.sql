-- What has lapsed is forgotten every minute, and found by its time. What was used is sorted by it: one index serves both questions.
ALTER TABLE used DROP CONSTRAINT used_pkey, ADD PRIMARY KEY (expires, hash);
CREATE INDEX nonce_expires ON nonce (expires);
CREATE INDEX opening_expires ON opening (expires);
