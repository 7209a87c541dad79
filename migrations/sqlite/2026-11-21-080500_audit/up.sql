CREATE TABLE audit_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  at TIMESTAMP NOT NULL,
  actor TEXT NOT NULL,
  user_id BIGINT,
  address TEXT,
  event TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT,
  request TEXT
);

CREATE INDEX audit_events_at ON audit_events (at);
