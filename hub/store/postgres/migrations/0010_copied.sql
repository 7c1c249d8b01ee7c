-- Set while the books of another engine are being copied here: no hub opens them before all of it is there.
CREATE TABLE copying (
  one boolean PRIMARY KEY CHECK (one)
);
