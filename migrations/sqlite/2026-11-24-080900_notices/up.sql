-- something to tell, written in the transaction in which it became true (R-51)
CREATE TABLE notices (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  event TEXT NOT NULL,
  -- notices of one cause become one mail
  cause TEXT NOT NULL,
  device_id BIGINT REFERENCES devices (id) ON DELETE CASCADE,
  device_name TEXT NOT NULL,
  job_id BIGINT REFERENCES jobs (id) ON DELETE SET NULL,
  backup_id BIGINT,
  text TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  -- when it was laid out for the people who want it
  dealt_at TIMESTAMP
);
CREATE INDEX notices_waiting ON notices (id) WHERE dealt_at IS NULL;

-- a notice for one person, until it is part of a mail
CREATE TABLE notice_lines (
  notice_id BIGINT NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
  user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  due_at TIMESTAMP NOT NULL,
  PRIMARY KEY (notice_id, user_id)
);
CREATE INDEX notice_lines_due ON notice_lines (user_id, due_at);

-- mails to be sent; a row stays with what came of it
CREATE TABLE mails (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  user_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  due_at TIMESTAMP NOT NULL,
  attempts INTEGER NOT NULL,
  -- who is sending it, until when: another may take over after that
  lease_until TIMESTAMP,
  sent_at TIMESTAMP,
  given_up_at TIMESTAMP,
  error TEXT
);
CREATE INDEX mails_due ON mails (due_at) WHERE sent_at IS NULL AND given_up_at IS NULL;
