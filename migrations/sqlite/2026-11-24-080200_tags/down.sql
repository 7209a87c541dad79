DROP TABLE user_tags;
DROP TABLE rule_matches;
DROP TABLE tag_rules;
ALTER TABLE device_tags DROP COLUMN by_person;
ALTER TABLE tags DROP COLUMN updated_at;
ALTER TABLE tags DROP COLUMN is_default;
ALTER TABLE tags DROP COLUMN color;
ALTER TABLE tags DROP COLUMN description;
