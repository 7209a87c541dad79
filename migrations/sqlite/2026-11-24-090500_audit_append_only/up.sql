-- the key of the chain, random once, sealed with the data keys: it outlives every one of them
ALTER TABLE audit_heads ADD COLUMN sealed_key BLOB;

-- refusals, no logic: what is written stays as it was written (S-76)
CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
BEGIN SELECT RAISE(ABORT, 'the audit trail can only be added to'); END;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'the audit trail can only be added to'); END;
