-- How far the audit was exported to files and deleted: the first and the last record of each file, the hash of the last, and the SHA-256
-- of the file. The chain goes on from the last of them.
CREATE TABLE sealed (
  last   INTEGER PRIMARY KEY,
  first  INTEGER NOT NULL,
  hash   BLOB NOT NULL,
  file   TEXT NOT NULL,
  digest BLOB NOT NULL,
  at     INTEGER NOT NULL
) STRICT;
CREATE TRIGGER sealed_is_not_changed BEFORE UPDATE ON sealed BEGIN SELECT RAISE(ABORT, 'a seal of the audit is never changed'); END;
CREATE TRIGGER sealed_is_not_deleted BEFORE DELETE ON sealed BEGIN SELECT RAISE(ABORT, 'a seal of the audit is never deleted'); END;
CREATE TRIGGER sealed_goes_on BEFORE INSERT ON sealed
WHEN NEW.first <> coalesce((SELECT max(last) FROM sealed), 0) + 1 OR NEW.last < NEW.first
BEGIN SELECT RAISE(ABORT, 'a seal of the audit begins where the one before it ends'); END;

-- Records that are sealed may be deleted, and no others; the last record of the audit is never sealed.
DROP TRIGGER audit_is_not_deleted;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit WHEN OLD.seq > coalesce((SELECT max(last) FROM sealed), 0)
BEGIN SELECT RAISE(ABORT, 'an audit record is never deleted before it is sealed'); END;
