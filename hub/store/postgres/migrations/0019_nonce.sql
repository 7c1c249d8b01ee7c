-- A nonce is kept nowhere until it is used, and then among what was used.
DROP TABLE nonce;
