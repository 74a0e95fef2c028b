-- What administrators did to this node: written beside what they did, and never changed.
CREATE TABLE act (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,                -- seconds since 1970
    who TEXT NOT NULL,
    via TEXT NOT NULL,               -- command, password or certificate
    whence TEXT NOT NULL,            -- an address, or which account of which machine
    what TEXT NOT NULL,              -- as in: client revoke
    whom TEXT NOT NULL,              -- a name, a fingerprint, an agreement
    detail TEXT NOT NULL
);
CREATE TRIGGER act_stays BEFORE UPDATE ON act BEGIN SELECT raise(ABORT, 'what was done stays as it is'); END;
CREATE TRIGGER act_is_kept BEFORE DELETE ON act
WHEN OLD.number > (SELECT max(number) FROM act) - 100000
BEGIN SELECT raise(ABORT, 'what was done is kept'); END;
