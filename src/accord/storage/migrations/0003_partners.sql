-- Partners that run a TAK server. They can neither be compared by words nor sign, so they stand apart.
CREATE TABLE tak_partner (
    node TEXT PRIMARY KEY,
    authorities BLOB NOT NULL,          -- certificates, PEM
    fingerprint TEXT NOT NULL,          -- SHA-256 of the certificate that counts; empty for all of those authorities
    version INTEGER NOT NULL,           -- of TAK federation: 1 or 2
    dial TEXT NOT NULL,                 -- HOST:PORT, or empty
    listen TEXT NOT NULL,               -- ADDRESS:PORT, or empty
    said_into TEXT NOT NULL,            -- JSON: a list of groups
    mapping TEXT NOT NULL,              -- JSON: a list of pairs, theirs and ours
    max_hops INTEGER NOT NULL,
    denied INTEGER NOT NULL DEFAULT 0,
    made REAL NOT NULL                  -- seconds since 1970
);
