-- The Merkle tree over the audit (internal/translog): with the records of a commit, the hashes of their leaves and of the subtrees that these complete.
-- Hashes have 32 bytes, and are in the order of tlog.StoredHashIndex. first is the index of the first, size that of the tree with these records, and seq the number of the last record.
-- Rows stay when sealed records are deleted. seq - size is the number of records that were deleted before the tree began.
CREATE TABLE tree (
  first  INTEGER PRIMARY KEY,
  size   INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  CHECK (first >= 0 AND length(hashes) % 32 = 0 AND size > first / 2 AND size <= first + length(hashes) / 32)
) STRICT;
CREATE TRIGGER tree_is_not_changed BEFORE UPDATE ON tree BEGIN SELECT RAISE(ABORT, 'the tree of the audit is never changed'); END;
CREATE TRIGGER tree_is_not_deleted BEFORE DELETE ON tree BEGIN SELECT RAISE(ABORT, 'the tree of the audit is never deleted'); END;
CREATE TRIGGER tree_goes_on BEFORE INSERT ON tree
WHEN NEW.first <> coalesce((SELECT first + length(hashes) / 32 FROM tree ORDER BY first DESC LIMIT 1), 0)
BEGIN SELECT RAISE(ABORT, 'the tree of the audit grows at its end'); END;
