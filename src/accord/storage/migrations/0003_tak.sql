-- Layers and folders of a mission, in order of place among those of one parent. An ITEM has the uid
-- or hash of something in the mission, and stands in a layer of its kind.
CREATE TABLE mission_layer (
    mission TEXT NOT NULL REFERENCES mission (guid),
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,              -- GROUP, UID, CONTENTS, MAPLAYER or ITEM
    parent TEXT NOT NULL,            -- the uid of a layer; empty: the mission itself
    place INTEGER NOT NULL,
    PRIMARY KEY (mission, uid)
);
CREATE INDEX mission_layer_parent ON mission_layer (mission, parent, place);

-- The guid of the mission that it is part of, empty for none.
ALTER TABLE mission ADD COLUMN parent TEXT NOT NULL DEFAULT '';
-- {"Blue": "MISSION_OWNER"}: the default role of who is in that group, where it is another.
ALTER TABLE mission ADD COLUMN group_roles TEXT NOT NULL DEFAULT '{}';
