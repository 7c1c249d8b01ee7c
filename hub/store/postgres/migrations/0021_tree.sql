-- The Merkle tree over the audit (internal/translog): with the records of a commit, the hashes of their leaves and of the subtrees that these complete.
-- Hashes have 32 bytes, and are in the order of tlog.StoredHashIndex. first is the index of the first, size that of the tree with these records, and seq the number of the last record.
-- Rows stay when sealed records are deleted. seq - size is the number of records that were deleted before the tree began.
CREATE TABLE tree (
  first  bigint PRIMARY KEY,
  size   bigint NOT NULL,
  seq    bigint NOT NULL,
  hashes bytea NOT NULL,
  CHECK (first >= 0 AND length(hashes) % 32 = 0 AND size > first / 2 AND size <= first + length(hashes) / 32)
);
-- Hashes can't be compressed. EXTERNAL also makes substr read only the part of a row that it returns.
ALTER TABLE tree ALTER hashes SET STORAGE EXTERNAL;
CREATE TRIGGER tree_is_kept BEFORE UPDATE OR DELETE ON tree FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER tree_is_not_emptied BEFORE TRUNCATE ON tree FOR EACH STATEMENT EXECUTE FUNCTION append_only();
