-- only the deleted ones: nearly all devices are not, and an index of those led SQLite to sort every version of every
-- device where the newest fifty were asked for
DROP INDEX devices_deleted;
CREATE INDEX devices_deleted ON devices (deleted_at) WHERE deleted_at IS NOT NULL;
