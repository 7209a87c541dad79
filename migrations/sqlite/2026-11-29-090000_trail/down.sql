DROP TABLE credential_uses;
ALTER TABLE jobs DROP COLUMN log_bytes;
ALTER TABLE audit_heads DROP COLUMN sent_seq;
ALTER TABLE audit_events DROP COLUMN session_id;
