CREATE TABLE credentials (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  -- random; bound into every envelope of the row, so that two rows cannot be swapped
  row_key TEXT NOT NULL UNIQUE,
  username TEXT NOT NULL,
  password BLOB,
  enable_secret BLOB,
  private_key BLOB,
  passphrase BLOB,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);

CREATE TABLE devices (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  name TEXT NOT NULL,
  -- lower case: two names that differ by case only are one name
  name_key TEXT NOT NULL UNIQUE,
  address TEXT NOT NULL,
  port INTEGER NOT NULL,
  platform TEXT NOT NULL,
  transport TEXT NOT NULL,
  description TEXT NOT NULL,
  is_enabled BOOLEAN NOT NULL,
  credential_id BIGINT REFERENCES credentials (id) ON DELETE SET NULL,
  version INTEGER NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  -- what lists show, written when a job ends; the rows it points to are the truth
  current_backup_id BIGINT,
  last_good_at TIMESTAMP,
  last_changed_at TIMESTAMP,
  last_job_id BIGINT,
  last_job_at TIMESTAMP,
  last_job_state TEXT,
  last_job_outcome TEXT,
  last_job_class TEXT
);

CREATE UNIQUE INDEX devices_place ON devices (address, port);

CREATE TABLE tags (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  name TEXT NOT NULL UNIQUE,
  created_at TIMESTAMP NOT NULL
);

CREATE TABLE device_tags (
  device_id BIGINT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  tag_id BIGINT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  PRIMARY KEY (device_id, tag_id)
);

CREATE INDEX device_tags_tag ON device_tags (tag_id);

-- the one key that a device may show at its address
CREATE TABLE host_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  device_id BIGINT NOT NULL UNIQUE REFERENCES devices (id) ON DELETE CASCADE,
  address TEXT NOT NULL,
  port INTEGER NOT NULL,
  algorithm TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  public_key TEXT NOT NULL,
  pinned_at TIMESTAMP NOT NULL,
  pinned_by TEXT NOT NULL,
  -- another key that was shown and refused, until a person decides
  refused_algorithm TEXT,
  refused_fingerprint TEXT,
  refused_public_key TEXT,
  refused_at TIMESTAMP
);
