-- how a device is reached beyond its address, port and transport; no row where it is reached as most are
CREATE TABLE reach (
  device_id BIGINT PRIMARY KEY NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  -- 'modern', or 'legacy' where old SSH algorithms may be agreed on, too (S-61)
  algorithms TEXT NOT NULL
);
