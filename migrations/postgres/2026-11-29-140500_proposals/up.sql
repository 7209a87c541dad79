-- what a job found out about a device whose platform nobody has chosen yet; reasons as JSON
CREATE TABLE proposals (
  device_id BIGINT PRIMARY KEY NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  job_id BIGINT REFERENCES jobs (id) ON DELETE SET NULL,
  platform TEXT NOT NULL,
  sure INTEGER NOT NULL,
  reasons TEXT NOT NULL,
  "second" TEXT,
  second_sure INTEGER,
  seen_at TIMESTAMP NOT NULL
);
CREATE INDEX proposals_job ON proposals (job_id);
