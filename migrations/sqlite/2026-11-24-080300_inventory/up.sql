ALTER TABLE devices ADD COLUMN serial_number TEXT NOT NULL DEFAULT '';
-- a person; not deleted while it owns devices
ALTER TABLE devices ADD COLUMN owner_id BIGINT;
-- the last reachability check: NULL before the first
ALTER TABLE devices ADD COLUMN is_reachable BOOLEAN;
ALTER TABLE devices ADD COLUMN reachability_at TIMESTAMP;
ALTER TABLE devices ADD COLUMN reachability_note TEXT;
-- deleted devices wait 30 days to be restored; their name_key is "~deleted-ID~name", so that the name is free
ALTER TABLE devices ADD COLUMN deleted_at TIMESTAMP;
ALTER TABLE devices ADD COLUMN deleted_by TEXT;
-- the job that began a row of failures, and when people were last told that it goes on
ALTER TABLE devices ADD COLUMN failing_since TIMESTAMP;
ALTER TABLE devices ADD COLUMN failing_told_at TIMESTAMP;
-- the credential that last worked: tried first
ALTER TABLE devices ADD COLUMN last_credential_id BIGINT;
CREATE INDEX devices_owner ON devices (owner_id);
CREATE INDEX devices_deleted ON devices (deleted_at);
DROP INDEX devices_place;
CREATE UNIQUE INDEX devices_place ON devices (address, port) WHERE deleted_at IS NULL;

-- lists of devices brought in at once: first staged, then applied, perhaps undone
CREATE TABLE imports (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  -- random; bound into the envelopes of the row
  row_key TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  -- the file, sealed because it holds passwords; NULL once applied
  sealed BLOB,
  -- which column means what, as JSON
  mapping TEXT NOT NULL,
  tag_id BIGINT REFERENCES tags (id) ON DELETE SET NULL,
  user_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  applied_at TIMESTAMP,
  undone_at TIMESTAMP,
  added INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  -- the rows that were refused, sealed, as a file to correct and bring again
  rejected BLOB,
  rejected_count INTEGER NOT NULL
);

-- what an import did to each device, so that it can be undone
CREATE TABLE import_rows (
  import_id BIGINT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
  device_id BIGINT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  -- the device before, as JSON without secrets; NULL when the import added it
  before TEXT,
  -- the credential before, kept until the import can no longer be undone
  old_credential_id BIGINT,
  -- the device's version after: changed since means not undone
  version INTEGER NOT NULL,
  PRIMARY KEY (import_id, device_id)
);
