ALTER TABLE backups DROP COLUMN accepted_lines;
