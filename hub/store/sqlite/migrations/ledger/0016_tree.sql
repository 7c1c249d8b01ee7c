-- The Merkle tree over the audit (internal/translog): with each record, the hashes of its leaf and of the subtrees that the leaf completes.
-- Rows stay when sealed records are deleted. seq - size is the number of records that were deleted before the tree began.
CREATE TABLE tree (
  size   INTEGER PRIMARY KEY,
  seq    INTEGER NOT NULL,
  hashes BLOB NOT NULL
) STRICT;
CREATE TRIGGER tree_is_not_changed BEFORE UPDATE ON tree BEGIN SELECT RAISE(ABORT, 'the tree of the audit is never changed'); END;
CREATE TRIGGER tree_is_not_deleted BEFORE DELETE ON tree BEGIN SELECT RAISE(ABORT, 'the tree of the audit is never deleted'); END;
CREATE TRIGGER tree_goes_on BEFORE INSERT ON tree WHEN NEW.size <> coalesce((SELECT max(size) FROM tree), 0) + 1
BEGIN SELECT RAISE(ABORT, 'the tree of the audit grows by one leaf'); END;
