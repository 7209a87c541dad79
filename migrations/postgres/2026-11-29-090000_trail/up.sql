-- which session an act came from (S-78); part of the sealed line where there is one
ALTER TABLE audit_events ADD COLUMN session_id BIGINT;

-- the last line that a log server has; empty until lines are sent to one
ALTER TABLE audit_heads ADD COLUMN sent_seq BIGINT;

-- what the lines, recording and last screen of a job take, once it is over and somebody has looked
CREATE TABLE log_weights (
  job_id BIGINT NOT NULL PRIMARY KEY REFERENCES jobs(id) ON DELETE CASCADE,
  bytes BIGINT NOT NULL
);

-- the uses of credentials that are in the trail: one line for a credential and a batch (S-77)
CREATE TABLE credential_uses (
  batch_id BIGINT NOT NULL REFERENCES batches(id) ON DELETE CASCADE,
  credential_id BIGINT NOT NULL REFERENCES credentials(id) ON DELETE CASCADE,
  PRIMARY KEY (batch_id, credential_id)
);
