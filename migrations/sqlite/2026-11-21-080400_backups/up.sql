-- texts, addressed by what they say: compressed, then sealed
CREATE TABLE contents (
  sha256 TEXT PRIMARY KEY NOT NULL,
  sealed BLOB NOT NULL,
  bytes BIGINT NOT NULL,
  created_at TIMESTAMP NOT NULL
);

CREATE TABLE backups (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  device_id BIGINT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  job_id BIGINT REFERENCES jobs (id) ON DELETE SET NULL,
  platform TEXT NOT NULL,
  taken_at TIMESTAMP NOT NULL,
  verified_at TIMESTAMP NOT NULL,
  seen INTEGER NOT NULL,
  sha256 TEXT NOT NULL REFERENCES contents (sha256),
  fingerprint TEXT NOT NULL,
  info_sha256 TEXT REFERENCES contents (sha256),
  bytes BIGINT NOT NULL,
  lines INTEGER NOT NULL,
  added INTEGER NOT NULL,
  removed INTEGER NOT NULL
);

CREATE INDEX backups_device ON backups (device_id, id);
CREATE INDEX backups_content ON backups (sha256);
CREATE INDEX backups_info ON backups (info_sha256);
CREATE INDEX backups_taken ON backups (taken_at);

-- captures that failed their proof: in a table of their own, so that none can ever be current
CREATE TABLE suspects (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  device_id BIGINT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  job_id BIGINT REFERENCES jobs (id) ON DELETE SET NULL,
  platform TEXT NOT NULL,
  taken_at TIMESTAMP NOT NULL,
  reason TEXT NOT NULL,
  sha256 TEXT NOT NULL REFERENCES contents (sha256),
  bytes BIGINT NOT NULL,
  lines INTEGER NOT NULL
);

CREATE INDEX suspects_device ON suspects (device_id, id);
CREATE INDEX suspects_content ON suspects (sha256);
