-- What each rule has to remember over a restart (desks/watch/rules/judge.py).
CREATE TABLE memory (
    rule TEXT PRIMARY KEY,           -- the rule's name
    data TEXT NOT NULL               -- JSON
);
