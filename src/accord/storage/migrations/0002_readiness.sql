-- What is told of readiness until somebody takes it back: the node states it again and again.
CREATE TABLE telling (
    context TEXT NOT NULL,           -- live, exercise:NAME
    capability TEXT NOT NULL,
    groups TEXT NOT NULL,            -- JSON: names of the groups that it is said into
    marking TEXT NOT NULL,           -- a portion mark, empty for the groups' default
    withhold INTEGER NOT NULL,       -- 1: say only that it is not told
    person TEXT NOT NULL,            -- who said so
    since TEXT NOT NULL,
    PRIMARY KEY (context, capability)
);
