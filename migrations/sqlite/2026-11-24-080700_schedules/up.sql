-- all kinds of times: the old table's check knows two only, so the rows move to a new one; their batches keep them
CREATE TABLE schedules_next (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  name TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  kind TEXT NOT NULL,
  -- the times, as JSON
  recurrence TEXT NOT NULL,
  -- 'all' enabled devices, or those of schedule_tags or schedule_devices
  targets TEXT NOT NULL,
  is_enabled BOOLEAN NOT NULL,
  -- a slot missed for longer than this is not made up for (R-12)
  grace_minutes INTEGER NOT NULL,
  -- how long the job logs stay; NULL = as the setting says
  retention_days INTEGER,
  -- whose rights its jobs have; NULL for the console
  user_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  next_run_at TIMESTAMP,
  last_run_at TIMESTAMP,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
INSERT INTO schedules_next (id, name, description, kind, recurrence, targets, is_enabled, grace_minutes, created_by,
    version, next_run_at, last_run_at, created_at, updated_at)
  SELECT id, name, '', CASE WHEN every_minutes IS NULL THEN 'daily' ELSE 'interval' END,
    CASE WHEN every_minutes IS NULL
      THEN '{"kind":"daily","at":"' || daily_at || '","zone":"' || zone || '"}'
      ELSE '{"kind":"interval","minutes":' || every_minutes || '}' END,
    'all', is_enabled, 60, 'console', 1, next_run_at, last_run_at, created_at, updated_at FROM schedules;
CREATE TABLE batches_of AS SELECT id, schedule_id FROM batches WHERE schedule_id IS NOT NULL;
UPDATE batches SET schedule_id = NULL WHERE schedule_id IS NOT NULL;
DROP TABLE schedules;
ALTER TABLE schedules_next RENAME TO schedules;
UPDATE batches SET schedule_id = (SELECT schedule_id FROM batches_of WHERE batches_of.id = batches.id)
  WHERE id IN (SELECT id FROM batches_of);
DROP TABLE batches_of;

CREATE TABLE schedule_tags (
  schedule_id BIGINT NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
  tag_id BIGINT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  PRIMARY KEY (schedule_id, tag_id)
);
CREATE INDEX schedule_tags_tag ON schedule_tags (tag_id);

CREATE TABLE schedule_devices (
  schedule_id BIGINT NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
  device_id BIGINT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  PRIMARY KEY (schedule_id, device_id)
);
CREATE INDEX schedule_devices_device ON schedule_devices (device_id);

-- times in which no schedule starts anything: of one schedule, or of all
CREATE TABLE blackouts (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  schedule_id BIGINT REFERENCES schedules (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  -- days of the week on which it begins, 0 = Monday, separated by commas
  days TEXT NOT NULL,
  -- HH:MM of the zone's wall clock; an end before the start is on the next day
  starts TEXT NOT NULL,
  ends TEXT NOT NULL,
  zone TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL
);
CREATE INDEX blackouts_schedule ON blackouts (schedule_id);
