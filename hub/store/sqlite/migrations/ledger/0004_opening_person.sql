-- The same request again is the same person's, whichever session it comes in.
ALTER TABLE opening RENAME COLUMN session TO person;
UPDATE OR REPLACE opening SET person = (SELECT session.person FROM session WHERE session.id = opening.person)
  WHERE person IN (SELECT id FROM session);
