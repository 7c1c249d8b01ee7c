-- The same request again is the same person's, whichever session it comes in. Of two that were, the one that lasts longer stays.
ALTER TABLE opening RENAME COLUMN session TO person;
DELETE FROM opening AS one USING opening AS other, session AS its, session AS others
  WHERE its.id = one.person AND others.id = other.person AND its.person = others.person AND one.request_id = other.request_id
    AND (one.expires, one.person) < (other.expires, other.person);
UPDATE opening SET person = session.person FROM session WHERE session.id = opening.person;
