-- further addresses of a device, one a line, each a host or a host and a port; tried in this order after its own
ALTER TABLE reach ADD COLUMN further TEXT NOT NULL DEFAULT '';

-- a device may show its key at several places
CREATE TABLE host_keys_next (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  device_id BIGINT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
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
  refused_at TIMESTAMP,
  UNIQUE (device_id, address, port)
);
INSERT INTO host_keys_next SELECT * FROM host_keys;
DROP TABLE host_keys;
ALTER TABLE host_keys_next RENAME TO host_keys;
