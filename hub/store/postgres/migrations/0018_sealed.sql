-- How far the audit was exported to files and deleted: the first and the last record of each file, the hash of the last, and the SHA-256
-- of the file. The chain goes on from the last of them.
CREATE TABLE sealed (
  last   bigint PRIMARY KEY,
  first  bigint NOT NULL CHECK (first <= last),
  hash   bytea NOT NULL,
  file   text NOT NULL,
  digest bytea NOT NULL,
  at     bigint NOT NULL
);
CREATE TRIGGER sealed_is_kept BEFORE UPDATE OR DELETE ON sealed FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER sealed_is_not_emptied BEFORE TRUNCATE ON sealed FOR EACH STATEMENT EXECUTE FUNCTION append_only();

-- Records that are sealed may be deleted, and no others; the last record of the audit is never sealed.
CREATE FUNCTION only_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.seq <= (SELECT max(last) FROM sealed) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'an audit record is never deleted before it is sealed';
END
$$;
DROP TRIGGER audit_is_kept ON audit;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION only_sealed();
