ALTER TABLE audit_events ADD COLUMN object_kind TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_events ADD COLUMN object_id BIGINT;
-- 'done', or 'refused'
ALTER TABLE audit_events ADD COLUMN outcome TEXT NOT NULL DEFAULT 'done';
-- fields with their values before and after, as JSON; secrets as "changed"
ALTER TABLE audit_events ADD COLUMN changes TEXT;
-- the event's place in the chain, without gaps, and its seal over the one before (S-76)
ALTER TABLE audit_events ADD COLUMN seq BIGINT;
ALTER TABLE audit_events ADD COLUMN mac TEXT;
CREATE UNIQUE INDEX audit_events_seq ON audit_events (seq);
CREATE INDEX audit_events_event ON audit_events (event, id);
CREATE INDEX audit_events_actor ON audit_events (actor, id);
CREATE INDEX audit_events_object ON audit_events (object_kind, object_id);

-- one row: the end of the chain
CREATE TABLE audit_heads (
  id BIGINT PRIMARY KEY NOT NULL,
  seq BIGINT NOT NULL,
  mac TEXT NOT NULL
);
INSERT INTO audit_heads (id, seq, mac) VALUES (1, 0, '');
