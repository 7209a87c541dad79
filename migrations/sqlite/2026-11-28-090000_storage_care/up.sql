-- place may be 's3', too: an object of the bucket holds the bytes. What the file or object is called; '' is the hash's
-- own place, as it was before names were used once only
ALTER TABLE contents ADD COLUMN object TEXT NOT NULL DEFAULT '';
-- the key that sealed a file or object, which SQL cannot look into; 0: not known
ALTER TABLE contents ADD COLUMN key_id BIGINT NOT NULL DEFAULT 0;
-- when it was last read back, and whether it was damaged then
ALTER TABLE contents ADD COLUMN checked_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
ALTER TABLE contents ADD COLUMN is_damaged BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX contents_checked ON contents (checked_at, sha256);
CREATE INDEX contents_place ON contents (place, sha256);

-- what one node does for all: the nightly reading back, and the moving of contents
CREATE TABLE storage_work (
  kind TEXT PRIMARY KEY NOT NULL,
  -- where contents are moved to
  target TEXT,
  started_by TEXT NOT NULL,
  started_at TIMESTAMP NOT NULL,
  finished_at TIMESTAMP,
  -- the node that is at it has so long for its next step
  lease_until TIMESTAMP NOT NULL,
  -- the last content that was looked at
  position TEXT NOT NULL,
  done BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  -- why it stands still, if it does
  message TEXT
);

CREATE INDEX backups_damaged ON backups (device_id) WHERE is_damaged;
