ALTER TABLE devices DROP COLUMN time_limit;
