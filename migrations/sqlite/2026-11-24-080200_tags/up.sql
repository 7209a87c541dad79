ALTER TABLE tags ADD COLUMN description TEXT NOT NULL DEFAULT '';
-- #rrggbb
ALTER TABLE tags ADD COLUMN color TEXT NOT NULL DEFAULT '#64748b';
-- the one tag that every device has
ALTER TABLE tags ADD COLUMN is_default BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE tags ADD COLUMN updated_at TIMESTAMP;
INSERT INTO tags (name, created_at) VALUES ('default', CURRENT_TIMESTAMP) ON CONFLICT (name) DO NOTHING;
UPDATE tags SET is_default = TRUE, color = '#6366f1', description = 'Every device has it.' WHERE name = 'default';

-- whether a person put the tag on the device; a tag that only rules put there goes when they no longer match
ALTER TABLE device_tags ADD COLUMN by_person BOOLEAN NOT NULL DEFAULT TRUE;
INSERT INTO device_tags (device_id, tag_id, by_person)
  SELECT devices.id, tags.id, TRUE FROM devices, tags WHERE tags.is_default AND NOT EXISTS
    (SELECT 1 FROM device_tags AS held WHERE held.device_id = devices.id AND held.tag_id = tags.id);

CREATE TABLE tag_rules (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  name TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  tag_id BIGINT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  -- conditions and groups, as JSON
  criteria TEXT NOT NULL,
  is_enabled BOOLEAN NOT NULL,
  version INTEGER NOT NULL,
  created_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL
);
CREATE INDEX tag_rules_tag ON tag_rules (tag_id);

-- which rules put their tag on which devices
CREATE TABLE rule_matches (
  rule_id BIGINT NOT NULL REFERENCES tag_rules (id) ON DELETE CASCADE,
  device_id BIGINT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
  PRIMARY KEY (rule_id, device_id)
);
CREATE INDEX rule_matches_device ON rule_matches (device_id);

-- which devices a person sees whose scope is tags
CREATE TABLE user_tags (
  user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  tag_id BIGINT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, tag_id)
);
CREATE INDEX user_tags_tag ON user_tags (tag_id);
