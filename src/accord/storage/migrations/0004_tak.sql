-- A video's uuid is its owner's: people who do not see each other's may use one uuid twice.
CREATE TABLE video_of_owner (
    uuid TEXT NOT NULL,
    owner TEXT NOT NULL,
    groups TEXT NOT NULL,
    connection TEXT NOT NULL,
    PRIMARY KEY (uuid, owner)
);
INSERT INTO video_of_owner SELECT uuid, owner, groups, connection FROM video;
DROP TABLE video;
ALTER TABLE video_of_owner RENAME TO video;
