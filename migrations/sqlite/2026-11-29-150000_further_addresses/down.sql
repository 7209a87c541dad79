-- the oldest one of each device stays
DELETE FROM host_keys WHERE id NOT IN (SELECT MIN(id) FROM host_keys GROUP BY device_id);
CREATE TABLE host_keys_next (
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
INSERT INTO host_keys_next SELECT * FROM host_keys;
DROP TABLE host_keys;
ALTER TABLE host_keys_next RENAME TO host_keys;
ALTER TABLE reach DROP COLUMN further;
