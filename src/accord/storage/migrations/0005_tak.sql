-- Whose device a uid is: who was heard under it first, in which groups, and when last.
CREATE TABLE device (
    uid TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    groups TEXT NOT NULL,
    used REAL NOT NULL
);
CREATE INDEX device_used ON device (used);

-- Who was known by the uid or callsign when he was invited, empty where nobody was.
ALTER TABLE mission_invitation ADD COLUMN person TEXT NOT NULL DEFAULT '';
