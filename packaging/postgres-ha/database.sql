-- Creates the hub's database, once, on the leader: psql --file database.sql, as the user postgres. Replace HUB_PASSWORD
-- by that of the connection string.
CREATE ROLE hub LOGIN PASSWORD 'HUB_PASSWORD';
ALTER ROLE hub SET synchronous_commit = on;
CREATE DATABASE hub OWNER hub;
