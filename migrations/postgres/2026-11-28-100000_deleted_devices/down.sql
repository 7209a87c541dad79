DROP INDEX devices_deleted;
CREATE INDEX devices_deleted ON devices (deleted_at);
