-- fairness: a job's turn among those of its priority; batches that wait together take turns
ALTER TABLE jobs ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
-- how often the process that worked on it died; tries that ended are counted by attempt alone
ALTER TABLE jobs ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (priority, turn, id, due_at) WHERE state IN ('queued', 'retrying');
-- how many devices may be talked to at once with this tag, or with this credential; NULL = as many as there are places
ALTER TABLE tags ADD COLUMN most_sessions INTEGER;
ALTER TABLE credentials ADD COLUMN most_sessions INTEGER;
-- over how many minutes the jobs of a slot are spread
ALTER TABLE schedules ADD COLUMN spread_minutes INTEGER NOT NULL DEFAULT 0;
