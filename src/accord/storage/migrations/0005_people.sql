-- Who another vouches for has his certificates by it: what he is there. Empty: this node's own.
ALTER TABLE person ADD COLUMN vouched TEXT NOT NULL DEFAULT '';
