-- What is pinned of each partner node, as two people compared it.
CREATE TABLE partner (
    node TEXT PRIMARY KEY,
    trust_domain TEXT NOT NULL UNIQUE,  -- it chooses whose certificates count, so no two share one
    profile TEXT NOT NULL,
    authority BLOB NOT NULL,            -- a certificate, DER
    party_key TEXT NOT NULL,
    release_key TEXT NOT NULL,
    ledger_key TEXT NOT NULL,
    made REAL NOT NULL,                 -- seconds since 1970, as all times here
    addresses TEXT NOT NULL,            -- JSON: a list of HOST:PORT
    former BLOB NOT NULL,               -- the authority before, DER, or nothing
    former_until REAL,
    added REAL NOT NULL
);

-- Who is refused. It outlives the partner.
CREATE TABLE denial (
    trust_domain TEXT NOT NULL,
    node TEXT NOT NULL,
    serial TEXT NOT NULL,               -- of one certificate, hexadecimal; empty for all
    at REAL NOT NULL,
    PRIMARY KEY (trust_domain, node, serial)
);
