-- The shelf of the history: which pieces there are, and how far the journal has been taken in.
CREATE TABLE piece (
    file TEXT PRIMARY KEY,
    tier INTEGER NOT NULL,
    channel TEXT NOT NULL,
    slot INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    since REAL NOT NULL,
    until REAL NOT NULL,
    west REAL NOT NULL,
    south REAL NOT NULL,
    east REAL NOT NULL,
    north REAL NOT NULL,
    era INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE gone (file TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE hold (
    name TEXT PRIMARY KEY,
    since REAL NOT NULL,
    until REAL NOT NULL,
    uids TEXT NOT NULL,
    area TEXT NOT NULL,
    why TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE recall (
    channel TEXT NOT NULL,
    uid TEXT NOT NULL,
    era INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    PRIMARY KEY (channel, uid)
) WITHOUT ROWID;
CREATE TABLE state (
    era INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    until REAL NOT NULL,
    lost INTEGER NOT NULL,
    trouble TEXT NOT NULL,
    since REAL NOT NULL
);
INSERT INTO state VALUES (0, 0, 0.0, 0, '', 0.0);
