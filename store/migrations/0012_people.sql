-- An invitation for a person to join an agent. The account is made with it, and nobody knows its password until the
-- person has chosen one.
CREATE TABLE invitations (
    -- The SHA-256 of the token, which is random and long.
    hash BYTEA NOT NULL PRIMARY KEY,
    -- The tenant.
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    -- Who is invited, at the counters.
    teller_id TEXT NOT NULL,
    -- The account.
    staff_id TEXT NOT NULL REFERENCES staff (id),
    -- When it was made.
    created_at BIGINT NOT NULL,
    -- When it expires.
    expires_at BIGINT NOT NULL,
    -- When the person joined by it; 0 for not.
    used_at BIGINT NOT NULL,
    -- When it was taken back or replaced; 0 for not.
    revoked_at BIGINT NOT NULL
);
CREATE INDEX invitations_of_teller ON invitations (tenant_id, teller_id, created_at);
CREATE INDEX pickups_reserved ON pickups (tenant_id, id) WHERE state = 'reserved';
