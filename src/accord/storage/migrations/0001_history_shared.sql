-- The history that nodes of one owner share in PostgreSQL: how far each journal has been taken in, and positions by day.
CREATE TABLE journal (
    node TEXT NOT NULL,
    id TEXT NOT NULL,
    era INTEGER NOT NULL,
    batch BIGINT NOT NULL DEFAULT 0,
    until DOUBLE PRECISION NOT NULL DEFAULT 0,
    lost BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (node, id)
);
CREATE TABLE hold (
    node TEXT NOT NULL,
    name TEXT NOT NULL COLLATE "C",
    since DOUBLE PRECISION NOT NULL,
    until DOUBLE PRECISION NOT NULL,
    uids TEXT NOT NULL,
    area TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (node, name)
);
CREATE TABLE recall (
    node TEXT NOT NULL,
    channel TEXT NOT NULL,
    uid TEXT NOT NULL,
    era INTEGER NOT NULL,
    upto BIGINT NOT NULL,
    PRIMARY KEY (node, channel, uid)
);
-- Days since 1970 of which there are tables; one that is settled is over, and has its index of places.
CREATE TABLE day (
    day INTEGER PRIMARY KEY,
    number BIGINT GENERATED ALWAYS AS IDENTITY,
    is_settled BOOLEAN NOT NULL DEFAULT false,
    row_bytes INTEGER NOT NULL
);
-- What there is of one channel and hour, or day that is over, which is when it begins; what outlasted its budget is held.
CREATE TABLE slot (
    keeper TEXT NOT NULL,
    channel TEXT NOT NULL COLLATE "C",
    slot BIGINT NOT NULL,
    length INTEGER NOT NULL,
    is_held BOOLEAN NOT NULL,
    day INTEGER NOT NULL REFERENCES day,
    rows BIGINT NOT NULL,
    since DOUBLE PRECISION NOT NULL,
    until DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (keeper, channel, slot, length, is_held)
);
CREATE INDEX ON slot (day);
-- What the positions of one object by one source have in common on one day; whose history it is says keeper.
CREATE SEQUENCE label_id AS INTEGER CYCLE;
CREATE TABLE label (
    day INTEGER NOT NULL,
    id INTEGER NOT NULL,
    keeper TEXT NOT NULL COLLATE "C",
    digest BYTEA NOT NULL,
    uid TEXT NOT NULL COLLATE "C",
    context TEXT NOT NULL COLLATE "C",
    channel TEXT NOT NULL COLLATE "C",
    node TEXT NOT NULL COLLATE "C",
    speaker TEXT NOT NULL COLLATE "C",
    hops TEXT[] NOT NULL,
    groups TEXT[] NOT NULL,
    kind TEXT NOT NULL,
    how TEXT NOT NULL,
    callsign TEXT NOT NULL,
    name TEXT NOT NULL,
    mmsi TEXT NOT NULL,
    imo TEXT NOT NULL,
    icao TEXT NOT NULL,
    nation TEXT NOT NULL,
    access TEXT,
    caveat TEXT,
    releasable_to TEXT,
    opex TEXT NOT NULL,
    form TEXT NOT NULL
) PARTITION BY LIST (day);
CREATE UNIQUE INDEX ON label (day, id);
CREATE UNIQUE INDEX ON label (day, keeper, digest);
-- By hash, for a uid may be longer than a key of a tree.
CREATE INDEX ON label USING hash (uid);
CREATE TABLE position (
    sequence BIGINT NOT NULL,
    received TIMESTAMPTZ NOT NULL,
    time TIMESTAMPTZ NOT NULL,
    stale TIMESTAMPTZ NOT NULL,
    lat DOUBLE PRECISION NOT NULL,
    lon DOUBLE PRECISION NOT NULL,
    label INTEGER NOT NULL,
    day INTEGER NOT NULL,
    era INTEGER NOT NULL,
    hae REAL,
    precision REAL,
    course REAL,
    speed REAL,
    climb REAL,
    west DOUBLE PRECISION,
    south DOUBLE PRECISION,
    east DOUBLE PRECISION,
    north DOUBLE PRECISION,
    doubts TEXT[]
) PARTITION BY LIST (day);
CREATE INDEX ON position (label, received);
CREATE INDEX ON position USING BRIN (received) WITH (pages_per_range = 16, autosummarize = on);
