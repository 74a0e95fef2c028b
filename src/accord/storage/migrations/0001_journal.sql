-- One row per commit, channel and kind of ring: a row per report would cost the event loop its turns.
CREATE TABLE segment (
    number INTEGER PRIMARY KEY,      -- grows; the last row is never deleted, so that no number comes twice
    channel TEXT NOT NULL,
    is_durable INTEGER NOT NULL,     -- 0 positions, 1 everything else
    batch INTEGER NOT NULL,          -- the last sequence number of the commit this is part of
    newest REAL NOT NULL,            -- the last receipt inside, seconds since 1970
    size INTEGER NOT NULL,           -- bytes of data
    data BLOB NOT NULL               -- the format is described in segment.py
);

-- Covers what retention asks, so that it reads no data.
CREATE INDEX segment_ring ON segment (channel, is_durable, number, newest, size);

CREATE INDEX segment_batch ON segment (batch);
