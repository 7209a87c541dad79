CREATE TABLE schedules (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  name TEXT NOT NULL UNIQUE,
  every_minutes INTEGER,
  daily_at TEXT,
  zone TEXT,
  is_enabled BOOLEAN NOT NULL,
  next_run_at TIMESTAMP,
  last_run_at TIMESTAMP,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  CHECK ((every_minutes IS NOT NULL AND daily_at IS NULL AND zone IS NULL)
    OR (every_minutes IS NULL AND daily_at IS NOT NULL AND zone IS NOT NULL))
);

CREATE TABLE batches (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  schedule_id BIGINT REFERENCES schedules (id) ON DELETE SET NULL,
  slot_at TIMESTAMP,
  started_by TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL
);

-- a slot fires once, whoever plans it
CREATE UNIQUE INDEX batches_slot ON batches (schedule_id, slot_at);

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  kind TEXT NOT NULL,
  batch_id BIGINT NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
  device_id BIGINT REFERENCES devices (id) ON DELETE SET NULL,
  device_name TEXT NOT NULL,
  state TEXT NOT NULL,
  started_by TEXT NOT NULL,
  priority INTEGER NOT NULL,
  queued_at TIMESTAMP NOT NULL,
  due_at TIMESTAMP NOT NULL,
  attempt INTEGER NOT NULL,
  fence BIGINT NOT NULL,
  lease_owner TEXT,
  lease_until TIMESTAMP,
  is_cancel_wanted BOOLEAN NOT NULL,
  started_at TIMESTAMP,
  finished_at TIMESTAMP,
  outcome TEXT,
  class TEXT,
  stage TEXT,
  message TEXT,
  backup_id BIGINT,
  suspect_id BIGINT,
  bytes BIGINT,
  lines INTEGER,
  sha256 TEXT,
  duration_ms BIGINT
);

-- a device waits or is worked on once: two sessions to one device never overlap
CREATE UNIQUE INDEX jobs_one_active ON jobs (device_id) WHERE state IN ('queued', 'retrying', 'running');
CREATE INDEX jobs_due ON jobs (priority, due_at, id) WHERE state IN ('queued', 'retrying');
CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_device ON jobs (device_id, id);
CREATE INDEX jobs_batch ON jobs (batch_id, id);

CREATE TABLE entries (
  job_id BIGINT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  seq BIGINT NOT NULL,
  at TIMESTAMP NOT NULL,
  level TEXT NOT NULL,
  stage TEXT,
  text TEXT NOT NULL,
  PRIMARY KEY (job_id, seq)
);

-- the last lines a device sent before a job failed: masked, and sealed like a configuration
CREATE TABLE screens (
  job_id BIGINT PRIMARY KEY NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  sealed BLOB NOT NULL
);
