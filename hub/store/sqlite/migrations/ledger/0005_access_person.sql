-- The access history goes from one access of a person to a patient to that person's next one.
CREATE INDEX access_person ON access (number, uuid, at, id);
