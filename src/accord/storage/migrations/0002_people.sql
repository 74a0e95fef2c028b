-- Who may sign in to the page with a password, and who has.
CREATE TABLE account (
    key TEXT PRIMARY KEY,            -- the name as names are compared
    name TEXT NOT NULL,
    hash TEXT NOT NULL,              -- argon2id, PHC string format
    role TEXT NOT NULL,
    groups TEXT NOT NULL,            -- JSON, as in person
    exercises TEXT NOT NULL,
    every_exercise INTEGER NOT NULL,
    added REAL NOT NULL,
    signed_in REAL,                  -- the last time
    locked REAL                      -- since when
);

-- Of what the browser sends as its cookie only the SHA-256 is kept.
CREATE TABLE session (
    mark TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (key) ON DELETE CASCADE,
    begun REAL NOT NULL,
    used REAL NOT NULL,
    address TEXT NOT NULL
);

CREATE INDEX session_account ON session (account);
