-- Who may connect. Nobody is deleted: what he said stays under his name, and what was his, refused.
CREATE TABLE person (
    name TEXT PRIMARY KEY,
    groups TEXT NOT NULL,            -- JSON: {"Blue": 3}, 1 in, 2 out, 3 both
    role TEXT NOT NULL,
    exercises TEXT NOT NULL,         -- JSON: a list of names
    every_exercise INTEGER NOT NULL,
    added REAL NOT NULL,             -- seconds since 1970, as all times here
    revoked REAL
);

CREATE TABLE certificate (
    fingerprint TEXT PRIMARY KEY,    -- SHA-256 of the DER, hexadecimal
    name TEXT NOT NULL REFERENCES person (name),
    issued REAL NOT NULL,
    ends REAL NOT NULL,
    revoked REAL
);

CREATE INDEX certificate_name ON certificate (name);

-- One-time tokens: only their SHA-256 is kept.
CREATE TABLE token (
    digest TEXT PRIMARY KEY,
    name TEXT NOT NULL REFERENCES person (name),
    ends REAL NOT NULL,
    used REAL
);
