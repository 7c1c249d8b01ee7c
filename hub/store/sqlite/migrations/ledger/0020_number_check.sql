-- Whether the NHS numbers under which plans are stored have been superseded, where people come from a national service. current is the
-- number that PDS answered with, which is number itself unless it was superseded, and checked is when.
CREATE TABLE number_check (
  number  INTEGER PRIMARY KEY,
  current INTEGER NOT NULL,
  checked INTEGER NOT NULL
) STRICT;
CREATE INDEX number_check_current ON number_check (current);
