-- What an OpenID provider stated at the sign-in of a session: the person's identifier, the provider's session, and the person with the roles in JSON. Empty for a sign-in by card.
ALTER TABLE session ADD COLUMN provider_sub text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN provider_sid text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN provider_person text COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX session_provider_sub ON session (provider_sub) WHERE ended = 0 AND provider_sub <> '';
CREATE INDEX session_provider_sid ON session (provider_sid) WHERE ended = 0 AND provider_sid <> '';
