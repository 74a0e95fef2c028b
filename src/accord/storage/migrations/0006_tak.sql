-- Reports of the CI-TRAP tool; the package of each is a file of no group. An id is its owner's:
-- people who do not see each other's may use one twice.
CREATE TABLE field_report (
    id TEXT NOT NULL,
    owner TEXT NOT NULL,
    creator_uid TEXT NOT NULL,
    groups TEXT NOT NULL,
    context TEXT NOT NULL,
    time REAL NOT NULL,              -- when it was, as the report says
    said TEXT NOT NULL,              -- {"title": "Fire"}: the attributes of the report
    west REAL,                       -- what its place spans; NULL where it says none
    south REAL,
    east REAL,
    north REAL,
    hash TEXT NOT NULL,
    entry TEXT NOT NULL,             -- what the report is called in its package
    filed REAL NOT NULL,             -- when it was sent last
    PRIMARY KEY (id, owner)
);
CREATE INDEX field_report_hash ON field_report (hash);
CREATE INDEX field_report_time ON field_report (time);

-- Clients that are told of a report, or of every new one where both its columns are empty.
CREATE TABLE field_report_follower (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    report TEXT NOT NULL,
    owner TEXT NOT NULL,
    client_uid TEXT NOT NULL,
    person TEXT NOT NULL,
    UNIQUE (client_uid, report, owner)
);
CREATE INDEX field_report_follower_report ON field_report_follower (report, owner);
CREATE INDEX field_report_follower_person ON field_report_follower (person, number);

-- Where maps are to be had, for everybody: {"name": "Chart", "url": "https://..."}.
CREATE TABLE map_layer (
    uid TEXT PRIMARY KEY,
    said TEXT NOT NULL
);

-- Tracks that clients sent afterwards; points are packed (see sent_tracks.py).
CREATE TABLE sent_track (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL,
    owner TEXT NOT NULL,
    callsign TEXT NOT NULL,
    kind TEXT NOT NULL,
    groups TEXT NOT NULL,
    sent REAL NOT NULL,
    first REAL NOT NULL,             -- when the first point was, and the last
    last REAL NOT NULL,
    count INTEGER NOT NULL,
    points BLOB NOT NULL
);
CREATE INDEX sent_track_last ON sent_track (last);
CREATE INDEX sent_track_owner ON sent_track (owner, uid);

-- An item of a mission may be a data feed too (kind `feed`). Nothing is to be changed for it, but an
-- Accord that knows of none could not read such a mission: it says so instead.
