-- What a receiver calls the message that it accepted, and when it reported that it could not deliver it; 0 unless it did.
ALTER TABLE notification ADD COLUMN receipt TEXT NOT NULL DEFAULT '';
ALTER TABLE notification ADD COLUMN undelivered INTEGER NOT NULL DEFAULT 0;
CREATE INDEX notification_undelivered ON notification (ordinal) WHERE undelivered <> 0;
CREATE INDEX notification_receipt ON notification (receipt) WHERE receipt <> '';
