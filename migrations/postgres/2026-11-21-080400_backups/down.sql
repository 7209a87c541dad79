DROP TABLE suspects;
DROP TABLE backups;
DROP TABLE contents;
