DROP INDEX backups_damaged;
DROP TABLE storage_work;
DROP INDEX contents_place;
DROP INDEX contents_checked;
ALTER TABLE contents DROP COLUMN is_damaged;
ALTER TABLE contents DROP COLUMN checked_at;
ALTER TABLE contents DROP COLUMN key_id;
ALTER TABLE contents DROP COLUMN object;
