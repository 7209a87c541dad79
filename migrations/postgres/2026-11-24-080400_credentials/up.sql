-- a credential with a name may serve many devices; one without belongs to the device that points to it
ALTER TABLE credentials ADD COLUMN name TEXT;
ALTER TABLE credentials ADD COLUMN name_key TEXT;
ALTER TABLE credentials ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
-- counts changes of the secrets: what was refused at one revision may be tried at the next
ALTER TABLE credentials ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
-- the secrets before the last change, in a row of their own, until every device answered to the new ones
ALTER TABLE credentials ADD COLUMN previous_id BIGINT;
ALTER TABLE credentials ADD COLUMN rotated_at TIMESTAMP;
ALTER TABLE credentials ADD COLUMN success_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE credentials ADD COLUMN failure_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE credentials ADD COLUMN last_used_at TIMESTAMP;
ALTER TABLE credentials ADD COLUMN last_success_at TIMESTAMP;
ALTER TABLE credentials ADD COLUMN last_failure_at TIMESTAMP;
-- devices that refused it one after the other; at three it is stopped until a person looks (R-10)
ALTER TABLE credentials ADD COLUMN refusals_in_row INTEGER NOT NULL DEFAULT 0;
ALTER TABLE credentials ADD COLUMN stopped_at TIMESTAMP;
CREATE UNIQUE INDEX credentials_name ON credentials (name_key);

CREATE TABLE credential_tags (
  credential_id BIGINT NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
  tag_id BIGINT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  -- higher is tried first
  priority INTEGER NOT NULL,
  success_count BIGINT NOT NULL,
  failure_count BIGINT NOT NULL,
  last_used_at TIMESTAMP,
  last_success_at TIMESTAMP,
  last_failure_at TIMESTAMP,
  PRIMARY KEY (credential_id, tag_id)
);
CREATE INDEX credential_tags_tag ON credential_tags (tag_id);

-- how each device last answered to each credential, at which revision of its secrets
CREATE TABLE credential_answers (
  credential_id BIGINT NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
  device_id BIGINT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  revision INTEGER NOT NULL,
  is_accepted BOOLEAN NOT NULL,
  at TIMESTAMP NOT NULL,
  PRIMARY KEY (credential_id, device_id)
);
CREATE INDEX credential_answers_device ON credential_answers (device_id);

-- data keys: 'active' seals, 'retiring' only opens until nothing is sealed with it
ALTER TABLE data_keys ADD COLUMN state TEXT NOT NULL DEFAULT 'active';
ALTER TABLE data_keys ADD COLUMN retired_at TIMESTAMP;
