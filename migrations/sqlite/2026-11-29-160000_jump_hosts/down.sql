DROP INDEX reach_jump_host;
ALTER TABLE reach DROP COLUMN jump_host_id;
DROP TABLE jump_hosts;
