-- Who has to send again what they sent since a time, because it is not in these books: a backup of that time was restored. The code '' is
-- every authority that is not on file. While there is a row, that no plan is on file says nothing about a child.
CREATE TABLE resend (
  authority TEXT PRIMARY KEY,
  since     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
