DROP TABLE blackouts;
DROP TABLE schedule_devices;
DROP TABLE schedule_tags;
-- kinds that the old table does not know become daily ones at midnight, off
CREATE TABLE schedules_next (
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
INSERT INTO schedules_next (id, name, every_minutes, daily_at, zone, is_enabled, next_run_at, last_run_at, created_at, updated_at)
  SELECT id, name, NULL, '00:00', 'UTC', FALSE, NULL, last_run_at, created_at, updated_at FROM schedules;
CREATE TABLE batches_of AS SELECT id, schedule_id FROM batches WHERE schedule_id IS NOT NULL;
UPDATE batches SET schedule_id = NULL WHERE schedule_id IS NOT NULL;
DROP TABLE schedules;
ALTER TABLE schedules_next RENAME TO schedules;
UPDATE batches SET schedule_id = (SELECT schedule_id FROM batches_of WHERE batches_of.id = batches.id)
  WHERE id IN (SELECT id FROM batches_of);
DROP TABLE batches_of;
