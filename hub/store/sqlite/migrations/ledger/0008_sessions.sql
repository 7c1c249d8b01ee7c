-- Sessions are found by what a revocation names, and by when they expired.
CREATE INDEX session_fingerprint ON session (cert_fingerprint) WHERE ended = 0;
CREATE INDEX session_issuer ON session (cert_issuer) WHERE ended = 0;
CREATE INDEX session_expires ON session (expires);
