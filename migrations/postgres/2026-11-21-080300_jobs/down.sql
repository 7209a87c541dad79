DROP TABLE screens;
DROP TABLE entries;
DROP TABLE jobs;
DROP TABLE batches;
DROP TABLE schedules;
