-- the processes at work, for people to look at: no job depends on a row here (R-07); times by the database's clock
CREATE TABLE nodes (
  -- random for each start, and the owner in the leases of its jobs (R-06)
  name TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  host TEXT NOT NULL,
  pid BIGINT NOT NULL,
  version TEXT NOT NULL,
  started_at TIMESTAMP NOT NULL,
  -- its last heartbeat
  seen_at TIMESTAMP NOT NULL,
  -- when its ticker last came round
  ticked_at TIMESTAMP NOT NULL,
  running INTEGER NOT NULL,
  places INTEGER NOT NULL,
  -- the newest data key that it opens; 0 while it is sealed (S-46)
  key_id BIGINT NOT NULL,
  is_stopping BOOLEAN NOT NULL
);

-- what one node does for all, until its time is over or it lets go (R-18)
CREATE TABLE duties (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  taken_at TIMESTAMP NOT NULL,
  held_until TIMESTAMP NOT NULL,
  -- when it was last done, by whoever
  done_at TIMESTAMP NOT NULL
);
