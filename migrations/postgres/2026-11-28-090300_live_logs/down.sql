ALTER TABLE entries DROP COLUMN was_truncated;
