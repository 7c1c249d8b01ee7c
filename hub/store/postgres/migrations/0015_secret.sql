-- What all hubs of these books have in common and nobody else may know.
CREATE TABLE secret (
  name  text COLLATE "C" PRIMARY KEY,
  value bytea NOT NULL
);
