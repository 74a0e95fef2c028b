-- What users of the page have saved for themselves.
CREATE TABLE saved_view (
    owner TEXT NOT NULL,             -- how he is known, and the name as names are compared
    name TEXT NOT NULL,
    saved REAL NOT NULL,             -- seconds since 1970
    view TEXT NOT NULL,              -- JSON, as the page wrote it
    PRIMARY KEY (owner, name)
);
