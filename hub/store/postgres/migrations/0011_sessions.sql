-- Sessions are found by the CA that is withdrawn, and by when they expired.
CREATE INDEX session_issuer ON session (cert_issuer) WHERE ended = 0;
CREATE INDEX session_expires ON session (expires);
