-- Who has a postcode, practice, e-mail address or phone number: a search that names one does not go through all names.
CREATE INDEX mark_by_value ON mark (kind, value);
