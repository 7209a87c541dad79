-- copies of NetRaven itself (R-44), as they were made or tried
CREATE TABLE self_backups (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  -- where, as the node that made it calls the place
  file TEXT NOT NULL,
  -- the good copy that this one follows: of two nodes that begin the next one, one gets it. Empty when it failed
  follows BIGINT UNIQUE,
  started_at TIMESTAMP NOT NULL,
  finished_at TIMESTAMP,
  bytes BIGINT NOT NULL DEFAULT 0,
  error TEXT
);
