-- platform files as people changed them; the newest that is in use stands in place of the shipped one
CREATE TABLE platform_revisions (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  platform TEXT NOT NULL,
  source TEXT NOT NULL,
  note TEXT NOT NULL,
  saved_by TEXT NOT NULL,
  saved_at TIMESTAMP NOT NULL,
  state TEXT NOT NULL,
  device_id BIGINT REFERENCES devices (id) ON DELETE SET NULL
);
CREATE INDEX platform_revisions_platform ON platform_revisions (platform, id);
CREATE INDEX platform_revisions_device ON platform_revisions (device_id);
CREATE UNIQUE INDEX platform_revisions_in_use ON platform_revisions (platform) WHERE state = 'in_use';
CREATE UNIQUE INDEX platform_revisions_trial ON platform_revisions (platform) WHERE state = 'trial';
