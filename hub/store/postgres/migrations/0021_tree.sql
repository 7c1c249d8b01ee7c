-- The Merkle tree over the audit (internal/translog): with each record, the hashes of its leaf and of the subtrees that the leaf completes.
-- Rows stay when sealed records are deleted. seq - size is the number of records that were deleted before the tree began.
CREATE TABLE tree (
  size   bigint PRIMARY KEY,
  seq    bigint NOT NULL,
  hashes bytea NOT NULL
);
CREATE TRIGGER tree_is_kept BEFORE UPDATE OR DELETE ON tree FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER tree_is_not_emptied BEFORE TRUNCATE ON tree FOR EACH STATEMENT EXECUTE FUNCTION append_only();
