-- The row is only locked. Where the audit and the notifications end is read from them: a row that every commit changes leaves a
-- version behind each time, and while anybody holds a snapshot every commit reads through all of them.
ALTER TABLE head DROP COLUMN seq, DROP COLUMN hash, DROP COLUMN notified;
