ALTER TABLE backups ADD COLUMN is_pinned BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE backups ADD COLUMN note TEXT NOT NULL DEFAULT '';
-- who or what asked for the job that took it
ALTER TABLE backups ADD COLUMN started_by TEXT NOT NULL DEFAULT '';
-- the last time the kept bytes were read back and compared with their hash, and whether they had changed
ALTER TABLE backups ADD COLUMN checked_at TIMESTAMP;
ALTER TABLE backups ADD COLUMN is_damaged BOOLEAN NOT NULL DEFAULT FALSE;

-- 'database': sealed holds the bytes; 'directory': a file of the data folder does
ALTER TABLE contents ADD COLUMN place TEXT NOT NULL DEFAULT 'database';
