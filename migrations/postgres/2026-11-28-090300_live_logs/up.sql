-- what a limit cut, in the line that was cut or that tells of it; NULL for a whole line
ALTER TABLE entries ADD COLUMN was_truncated TEXT;
