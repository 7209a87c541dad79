-- the device's own time limit for a job, in seconds; NULL leaves it to its platform and the configuration
ALTER TABLE devices ADD COLUMN time_limit INTEGER;
