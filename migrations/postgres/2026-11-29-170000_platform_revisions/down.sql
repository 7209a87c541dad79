DROP TABLE platform_revisions;
