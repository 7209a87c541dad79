DROP TABLE fact_changes;
DROP TABLE facts;
