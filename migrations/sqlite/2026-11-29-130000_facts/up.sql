-- what a device told of itself in its last good job, as JSON; never compared with its configuration
CREATE TABLE facts (
  device_id BIGINT PRIMARY KEY NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  told TEXT NOT NULL,
  seen_at TIMESTAMP NOT NULL
);

-- what became another: empty before the first time
CREATE TABLE fact_changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  device_id BIGINT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  "before" TEXT,
  "after" TEXT NOT NULL,
  at TIMESTAMP NOT NULL
);
CREATE INDEX fact_changes_device ON fact_changes (device_id, id);
