DROP TABLE mails;
DROP TABLE notice_lines;
DROP TABLE notices;
