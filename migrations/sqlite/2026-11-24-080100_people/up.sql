ALTER TABLE users ADD COLUMN email_key TEXT;
ALTER TABLE users ADD COLUMN full_name TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
-- 'all' devices, or those with the 'tags' of user_tags; owners always see their own
ALTER TABLE users ADD COLUMN scope TEXT NOT NULL DEFAULT 'all';
-- how often mails go out, and the events that the person wants told, separated by spaces
ALTER TABLE users ADD COLUMN mail_rhythm TEXT NOT NULL DEFAULT 'at_once';
ALTER TABLE users ADD COLUMN mail_events TEXT NOT NULL DEFAULT 'first_failure still_failing recovered';
UPDATE users SET email_key = lower(email) WHERE email IS NOT NULL AND NOT EXISTS
  (SELECT 1 FROM users AS other WHERE lower(other.email) = lower(users.email) AND other.id < users.id);
CREATE UNIQUE INDEX users_email ON users (email_key);

ALTER TABLE sessions ADD COLUMN user_agent TEXT;
-- when the person last proved again who it is (S-27)
ALTER TABLE sessions ADD COLUMN confirmed_at TIMESTAMP;

-- links that let a person choose a password once
CREATE TABLE invitations (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  -- SHA-256 of the token in the link
  token_hash TEXT NOT NULL UNIQUE,
  user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  purpose TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL
);
CREATE INDEX invitations_user ON invitations (user_id);

-- failures of everything that is verified, by what and from where (S-17)
CREATE TABLE throttles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  -- verifier, account and network, such as "password|olga|192.0.2.0/24"
  key TEXT NOT NULL UNIQUE,
  failures INTEGER NOT NULL,
  first_at TIMESTAMP NOT NULL,
  last_at TIMESTAMP NOT NULL,
  blocked_until TIMESTAMP
);
