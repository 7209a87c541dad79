-- the oldest one of each device stays
DELETE FROM host_keys WHERE id NOT IN (SELECT MIN(id) FROM host_keys GROUP BY device_id);
ALTER TABLE host_keys DROP CONSTRAINT host_keys_device_id_address_port_key;
ALTER TABLE host_keys ADD UNIQUE (device_id);
ALTER TABLE reach DROP COLUMN further;
