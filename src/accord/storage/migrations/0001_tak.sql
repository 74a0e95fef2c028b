-- What TAK clients keep at the node. Times are seconds since 1970, lists and objects are JSON.
CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL);

-- Channels that a client has switched off: {"Blue": 1}, 1 in, 2 out, 3 both.
CREATE TABLE channel (
    person TEXT NOT NULL,
    credential TEXT NOT NULL,
    off TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (person, credential)
);
-- Clients call a channel by a number too.
CREATE TABLE channel_bit (
    bit INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    since REAL NOT NULL
);

-- What was uploaded; the bytes lie in files/ under their SHA-256.
CREATE TABLE file (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    hash TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    mime TEXT NOT NULL,
    tool TEXT NOT NULL,
    keywords TEXT NOT NULL,
    submitter TEXT NOT NULL,
    creator_uid TEXT NOT NULL,
    uid TEXT NOT NULL,
    groups TEXT NOT NULL,
    place TEXT NOT NULL,             -- {"Latitude": "-41.3"}, as the client wrote it
    submitted REAL NOT NULL,
    expires INTEGER NOT NULL         -- -1: never
);
CREATE INDEX file_hash ON file (hash);
CREATE INDEX file_submitter ON file (submitter);

CREATE TABLE video (
    uuid TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    groups TEXT NOT NULL,
    connection TEXT NOT NULL
);

CREATE TABLE mission (
    guid TEXT PRIMARY KEY,
    key TEXT NOT NULL,               -- the name as names are compared
    name TEXT NOT NULL,
    creator TEXT NOT NULL,
    creator_uid TEXT NOT NULL,
    groups TEXT NOT NULL,
    keywords TEXT NOT NULL,
    about TEXT NOT NULL,             -- what clients say of it, by their own keys
    password TEXT NOT NULL,          -- argon2id, PHC string format; empty: none
    default_role TEXT NOT NULL,
    invite_only INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    made REAL NOT NULL,
    edited REAL NOT NULL,
    deleted REAL
);
CREATE UNIQUE INDEX mission_key ON mission (key) WHERE deleted IS NULL;

CREATE TABLE mission_item (
    mission TEXT NOT NULL REFERENCES mission (guid),
    kind TEXT NOT NULL,              -- uid or hash
    name TEXT NOT NULL,
    at REAL NOT NULL,
    creator_uid TEXT NOT NULL,
    keywords TEXT NOT NULL,
    details TEXT NOT NULL,
    context TEXT NOT NULL,
    event BLOB NOT NULL,             -- the newest CoT of a uid; empty where none has come
    time REAL NOT NULL,              -- when that happened
    PRIMARY KEY (mission, kind, name)
);
CREATE INDEX mission_item_name ON mission_item (kind, name);

CREATE TABLE mission_change (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    mission TEXT NOT NULL REFERENCES mission (guid),
    at REAL NOT NULL,
    type TEXT NOT NULL,
    creator_uid TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    details TEXT NOT NULL,
    context TEXT NOT NULL
);
CREATE INDEX mission_change_mission ON mission_change (mission, number);

CREATE TABLE mission_subscription (
    id TEXT PRIMARY KEY,
    mission TEXT NOT NULL REFERENCES mission (guid),
    client_uid TEXT NOT NULL,
    person TEXT NOT NULL,
    role TEXT NOT NULL,
    at REAL NOT NULL,
    UNIQUE (mission, client_uid)
);

CREATE TABLE mission_invitation (
    id TEXT PRIMARY KEY,
    mission TEXT NOT NULL REFERENCES mission (guid),
    kind TEXT NOT NULL,              -- clientUid, callsign, userName, group or team
    invitee TEXT NOT NULL,
    role TEXT NOT NULL,
    creator_uid TEXT NOT NULL,
    at REAL NOT NULL,
    UNIQUE (mission, kind, invitee)
);

CREATE TABLE mission_log (
    id TEXT NOT NULL,
    mission TEXT NOT NULL REFERENCES mission (guid),
    author TEXT NOT NULL,
    creator_uid TEXT NOT NULL,
    content TEXT NOT NULL,
    happened TEXT NOT NULL,          -- dtg, as the client wrote it
    created REAL NOT NULL,
    changed REAL NOT NULL,
    keywords TEXT NOT NULL,
    hashes TEXT NOT NULL,
    PRIMARY KEY (mission, id)
);
CREATE INDEX mission_log_id ON mission_log (id);
