-- Which of the ledgers that the partner keeps for this node is cosigned.
ALTER TABLE partner ADD COLUMN ledger INTEGER NOT NULL DEFAULT 1;

-- Keys of partners that others have succeeded; what they signed before stays signed.
CREATE TABLE former_key (
    node TEXT NOT NULL,
    place INTEGER NOT NULL,             -- from 0, the first that was succeeded first
    purpose TEXT NOT NULL,              -- authority, release or ledger
    key TEXT NOT NULL,                  -- of an authority the SHA-256 of its certificate
    succeeded REAL NOT NULL,            -- seconds since 1970
    until REAL NOT NULL,                -- up to when it still counts for what is new
    PRIMARY KEY (node, place)
);
