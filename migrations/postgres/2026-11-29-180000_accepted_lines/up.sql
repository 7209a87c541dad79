-- as short as this a person has said that the device's configuration may be
ALTER TABLE backups ADD COLUMN accepted_lines INTEGER;
