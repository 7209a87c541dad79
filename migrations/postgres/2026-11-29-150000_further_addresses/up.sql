-- further addresses of a device, one a line, each a host or a host and a port; tried in this order after its own
ALTER TABLE reach ADD COLUMN further TEXT NOT NULL DEFAULT '';

-- a device may show its key at several places
ALTER TABLE host_keys DROP CONSTRAINT host_keys_device_id_key;
ALTER TABLE host_keys ADD UNIQUE (device_id, address, port);
