DROP TRIGGER audit_events_no_truncate ON audit_events;
DROP TRIGGER audit_events_no_change ON audit_events;
DROP FUNCTION audit_events_refuse();
ALTER TABLE audit_heads DROP COLUMN sealed_key;
