ALTER TABLE schedules DROP COLUMN spread_minutes;
ALTER TABLE credentials DROP COLUMN most_sessions;
ALTER TABLE tags DROP COLUMN most_sessions;
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (priority, due_at, id) WHERE state IN ('queued', 'retrying');
ALTER TABLE jobs DROP COLUMN deaths;
ALTER TABLE jobs DROP COLUMN turn;
