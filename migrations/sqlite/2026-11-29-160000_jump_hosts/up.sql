-- SSH servers through which devices are reached
CREATE TABLE jump_hosts (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  address TEXT NOT NULL,
  port INTEGER NOT NULL,
  -- a shared one
  credential_id BIGINT NOT NULL REFERENCES credentials (id),
  -- through which other it is reached itself
  via_id BIGINT REFERENCES jump_hosts (id),
  -- the pinned host key, and the place that it was pinned for
  key_address TEXT,
  key_port INTEGER,
  algorithm TEXT,
  fingerprint TEXT,
  public_key TEXT,
  pinned_at TIMESTAMP,
  pinned_by TEXT,
  -- another key that was shown and refused, until a person decides
  refused_algorithm TEXT,
  refused_fingerprint TEXT,
  refused_public_key TEXT,
  refused_at TIMESTAMP,
  -- the revision of the credential's secrets that it refused: they are not shown to it again
  turned_away_revision INTEGER,
  turned_away_at TIMESTAMP,
  version INTEGER NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX jump_hosts_credential ON jump_hosts (credential_id);
CREATE INDEX jump_hosts_via ON jump_hosts (via_id);

-- through which a device is reached
ALTER TABLE reach ADD COLUMN jump_host_id BIGINT REFERENCES jump_hosts (id);
CREATE INDEX reach_jump_host ON reach (jump_host_id);
