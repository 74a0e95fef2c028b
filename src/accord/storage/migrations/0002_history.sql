-- What went for a budget or an age: positions of each channel, and the last receipt of them. A file that waits for who reads it takes its place.
CREATE TABLE went (
    channel TEXT NOT NULL,
    why TEXT NOT NULL,
    rows INTEGER NOT NULL,
    until REAL NOT NULL,
    PRIMARY KEY (channel, why)
) WITHOUT ROWID;
ALTER TABLE state ADD COLUMN cut_off INTEGER NOT NULL DEFAULT 0;
ALTER TABLE gone ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
