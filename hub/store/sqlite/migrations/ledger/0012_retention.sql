-- Bodies of notifications that were delivered, and answers to uploads, are deleted after their time. What is left of them is empty.
CREATE INDEX notification_body ON notification (delivered) WHERE delivered <> 0 AND undelivered = 0 AND length(body) > 0;
CREATE INDEX upload_answer ON upload (at) WHERE length(answer) > 0;
