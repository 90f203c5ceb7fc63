-- A person who works for a tenant. The address is sealed with the data key staff/<id>, as is the authenticator's secret;
-- the name stands in decisions and the audit trail and stays.
CREATE TABLE staff (
    -- The person's id: stf_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant they work for.
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    -- The name.
    name TEXT NOT NULL,
    -- analyst, officer, mlro or auditor.
    role TEXT NOT NULL,
    -- 1 while they may not sign in.
    suspended BIGINT NOT NULL,
    -- The keyed hash of the address in small letters: no two accounts share one.
    email_hash BYTEA NOT NULL UNIQUE,
    -- The address, sealed.
    email_sealed BYTEA NOT NULL,
    -- The argon2id hash of the password with its parameters and salt.
    password TEXT NOT NULL,
    -- 1 while the password must be changed before anything else.
    must_change BIGINT NOT NULL,
    -- Until when a password that must be changed holds; 0 for one that was.
    password_until BIGINT NOT NULL,
    -- The authenticator's shared secret, sealed; nothing while none is set up.
    totp_sealed BYTEA NOT NULL,
    -- The time step of the last code that was taken: none is taken twice.
    totp_step BIGINT NOT NULL,
    -- Wrong tries since the last sign-in.
    failures BIGINT NOT NULL,
    -- Until when sign-in is refused after wrong tries; 0 for not.
    locked_until BIGINT NOT NULL,
    -- When they were added.
    created_at BIGINT NOT NULL,
    -- When they last signed in; 0 for never.
    last_sign_in_at BIGINT NOT NULL
);
CREATE INDEX staff_of_tenant ON staff (tenant_id, name, id);

-- A recovery code, for one use.
CREATE TABLE staff_recovery (
    -- Whose.
    staff_id TEXT NOT NULL REFERENCES staff (id),
    -- The SHA-256 of the person's id and the code.
    hash BYTEA NOT NULL,
    -- When it was used; 0 for not.
    used_at BIGINT NOT NULL,
    PRIMARY KEY (staff_id, hash)
);

-- A passkey: the public half of a key in a person's device.
CREATE TABLE staff_passkeys (
    -- The id that people see: psk_….
    id TEXT NOT NULL PRIMARY KEY,
    -- Whose.
    staff_id TEXT NOT NULL REFERENCES staff (id),
    -- The device's name of it.
    credential_id BYTEA NOT NULL UNIQUE,
    -- What the person calls it.
    name TEXT NOT NULL,
    -- The credential as JSON: public key, flags, kind of device.
    credential BYTEA NOT NULL,
    -- The device's counter at the last use: it must not go back.
    sign_count BIGINT NOT NULL,
    -- When it was made.
    created_at BIGINT NOT NULL,
    -- When it was last used; 0 for never.
    last_used_at BIGINT NOT NULL
);
CREATE INDEX staff_passkeys_of ON staff_passkeys (staff_id, created_at);

-- A session; its row goes when it ends.
CREATE TABLE staff_sessions (
    -- The session's id: ses_…. It is not its token.
    id TEXT NOT NULL PRIMARY KEY,
    -- The SHA-256 of the token.
    token_hash BYTEA NOT NULL UNIQUE,
    -- Whose.
    staff_id TEXT NOT NULL REFERENCES staff (id),
    -- How they signed in: totp, recovery, passkey or oidc.
    method TEXT NOT NULL,
    -- When it began.
    started_at BIGINT NOT NULL,
    -- The last noted call.
    seen_at BIGINT NOT NULL,
    -- When it ends at the latest.
    expires_at BIGINT NOT NULL
);
CREATE INDEX staff_sessions_of ON staff_sessions (staff_id);

-- The first half of a sign-in that waits for the second.
CREATE TABLE staff_challenges (
    -- The SHA-256 of what the caller was given.
    hash BYTEA NOT NULL PRIMARY KEY,
    -- What it is for: totp, passkey, passkey_registration or oidc.
    kind TEXT NOT NULL,
    -- Whose; nothing while that is not known.
    staff_id TEXT NOT NULL,
    -- What must be remembered until the answer, sealed.
    sealed BYTEA NOT NULL,
    -- Where the call came from, for the audit trail.
    client TEXT NOT NULL,
    -- When it lapses.
    expires_at BIGINT NOT NULL
);
CREATE INDEX staff_challenges_lapse ON staff_challenges (expires_at);

-- The audit trail: who did what. Rows are added and never changed; each one's hash covers the one before.
CREATE TABLE audit (
    -- 1, 2, 3… without gaps.
    number BIGINT NOT NULL PRIMARY KEY,
    -- The tenant it belongs to; nothing for what belongs to none.
    tenant_id TEXT NOT NULL,
    -- When.
    at BIGINT NOT NULL,
    -- intent, result or fact.
    phase TEXT NOT NULL,
    -- The number of a result's intent; 0 otherwise.
    intent_number BIGINT NOT NULL,
    -- staff, key or gateway.
    actor_kind TEXT NOT NULL,
    -- The person's or key's id.
    actor_id TEXT NOT NULL,
    -- The name of who acted.
    actor TEXT NOT NULL,
    -- What, such as case.decide.
    act TEXT NOT NULL,
    -- The id of what it was about, or nothing.
    subject TEXT NOT NULL,
    -- Of a result or fact: done, refused or failed.
    outcome TEXT NOT NULL,
    -- The stable machine code of why it was refused or failed.
    reason TEXT NOT NULL,
    -- Small facts: a JSON object of texts.
    facts TEXT NOT NULL,
    -- The request it came with.
    request_id TEXT NOT NULL,
    -- The hash of the record before.
    prev_hash BYTEA NOT NULL,
    -- The SHA-256 of this record and prev_hash.
    hash BYTEA NOT NULL
);
CREATE INDEX audit_of_tenant ON audit (tenant_id, number);
CREATE INDEX audit_of_actor ON audit (actor_id, number);
CREATE INDEX audit_of_subject ON audit (subject, number);

-- Where the audit trail ends. Its row is locked by who adds a record.
CREATE TABLE audit_head (
    -- Always 1.
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    -- The number of the last record.
    number BIGINT NOT NULL,
    -- Its hash.
    hash BYTEA NOT NULL
);
INSERT INTO audit_head (id, number, hash) VALUES (1, 0, '');
