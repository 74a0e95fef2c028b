-- A name is one mission's for whoever sees it; people who do not see each other's may use one twice.
DROP INDEX mission_key;
CREATE INDEX mission_key ON mission (key) WHERE deleted IS NULL;
