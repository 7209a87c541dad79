DROP TABLE host_keys;
DROP TABLE device_tags;
DROP TABLE tags;
DROP TABLE devices;
DROP TABLE credentials;
