-- what admins set while the program runs; one row per key that the program declares
CREATE TABLE settings (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  key TEXT NOT NULL UNIQUE,
  -- the value as text; NULL for a sensitive one
  value TEXT,
  -- the sealed value of a sensitive one; NULL while it is not set
  sealed BLOB,
  updated_at TIMESTAMP NOT NULL,
  updated_by TEXT NOT NULL
);
