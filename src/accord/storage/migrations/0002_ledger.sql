-- A checkpoint of the partner's ledger that contradicts the last one that was cosigned here.
CREATE TABLE dispute (
    origin TEXT PRIMARY KEY,
    at REAL NOT NULL,                -- seconds since 1970
    note BLOB NOT NULL,
    says TEXT NOT NULL
);
