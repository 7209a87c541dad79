-- random keys that seal everything secret, themselves sealed with the master key
CREATE TABLE data_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  wrapped BLOB NOT NULL,
  created_at TIMESTAMP NOT NULL
);
