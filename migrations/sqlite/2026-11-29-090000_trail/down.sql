DROP TABLE credential_uses;
DROP TABLE log_weights;
ALTER TABLE audit_heads DROP COLUMN sent_seq;
ALTER TABLE audit_events DROP COLUMN session_id;
