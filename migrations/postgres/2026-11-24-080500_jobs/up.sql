-- what a job needs beyond its device, as JSON
ALTER TABLE jobs ADD COLUMN payload TEXT;
-- the credential that proved us, by name at that time
ALTER TABLE jobs ADD COLUMN credential_id BIGINT;
ALTER TABLE jobs ADD COLUMN credential_name TEXT;
CREATE INDEX jobs_finished ON jobs (finished_at);
CREATE INDEX jobs_queued ON jobs (queued_at);

-- the person whose rights the batch's jobs have; NULL for NetRaven and the console
ALTER TABLE batches ADD COLUMN user_id BIGINT;
-- why a slot brought no jobs
ALTER TABLE batches ADD COLUMN note TEXT;
-- how long the job logs stay; NULL = as the setting says
ALTER TABLE batches ADD COLUMN retention_days INTEGER;

-- what was sent and received in a job's session: capped, sealed
CREATE TABLE transcripts (
  job_id BIGINT PRIMARY KEY NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  sealed BYTEA NOT NULL,
  bytes BIGINT NOT NULL,
  was_truncated BOOLEAN NOT NULL
);
