DROP TABLE transcripts;
ALTER TABLE batches DROP COLUMN retention_days;
ALTER TABLE batches DROP COLUMN note;
ALTER TABLE batches DROP COLUMN user_id;
DROP INDEX jobs_queued;
DROP INDEX jobs_finished;
ALTER TABLE jobs DROP COLUMN credential_name;
ALTER TABLE jobs DROP COLUMN credential_id;
ALTER TABLE jobs DROP COLUMN payload;
