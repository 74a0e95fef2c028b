-- What went for a budget or an age: positions of each channel, and the last receipt of them.
CREATE TABLE went (
    node TEXT NOT NULL,
    channel TEXT NOT NULL COLLATE "C",
    why TEXT NOT NULL,
    rows BIGINT NOT NULL,
    until DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (node, channel, why)
);
