ALTER TABLE contents DROP COLUMN place;
ALTER TABLE backups DROP COLUMN is_damaged;
ALTER TABLE backups DROP COLUMN checked_at;
ALTER TABLE backups DROP COLUMN started_by;
ALTER TABLE backups DROP COLUMN note;
ALTER TABLE backups DROP COLUMN is_pinned;
