-- A client that is told of reports is so for each person that said it: people who share no group do
-- not take it from each other.
CREATE TABLE following (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    report TEXT NOT NULL,
    owner TEXT NOT NULL,
    client_uid TEXT NOT NULL,
    person TEXT NOT NULL,
    UNIQUE (client_uid, report, owner, person)
);
INSERT INTO following (number, report, owner, client_uid, person)
SELECT number, report, owner, client_uid, person FROM field_report_follower;
DROP TABLE field_report_follower;
ALTER TABLE following RENAME TO field_report_follower;
CREATE INDEX field_report_follower_report ON field_report_follower (report, owner);
CREATE INDEX field_report_follower_person ON field_report_follower (person, number);
