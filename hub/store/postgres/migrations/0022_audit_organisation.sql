-- The privacy officer's reports read the records of one organisation in a period. Only requests of a person in a role count.
CREATE INDEX audit_organisation ON audit (org_ods, at, seq) WHERE org_ods <> '' AND person <> '';
