DROP TABLE self_backups;
