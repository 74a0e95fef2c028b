-- The drill that is on, if any: at most one line.
CREATE TABLE drill (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT NOT NULL,
    person TEXT NOT NULL,            -- who declared it
    since REAL NOT NULL              -- seconds since 1970
);
