DROP TABLE duties;
DROP TABLE nodes;
