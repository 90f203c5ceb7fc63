-- Parties that change, and their comparison with the lists as these change.

-- Counts the states of the customer: 1 as created.
ALTER TABLE customers ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
-- When the customer was last changed, 0 for never.
ALTER TABLE customers ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
-- Counts the states of the beneficiary: 1 as created.
ALTER TABLE beneficiaries ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
-- When the beneficiary was last changed, 0 for never.
ALTER TABLE beneficiaries ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;

-- What a customer or beneficiary was before a change. Appended, never changed.
CREATE TABLE party_changes (
    -- The customer or beneficiary.
    party_id TEXT NOT NULL,
    -- The version that was replaced.
    version BIGINT NOT NULL,
    -- The tenant that knows the party.
    tenant_id TEXT NOT NULL,
    -- All that the version held as JSON, sealed with the party's own data key:
    -- who erases the party erases its past too.
    sealed BYTEA NOT NULL,
    -- When it was replaced.
    at BIGINT NOT NULL,
    -- Who replaced it: the name of the API key.
    changed_by TEXT NOT NULL,
    PRIMARY KEY (party_id, version)
);

-- Parties that changed and were not compared with the lists since.
CREATE TABLE changed_parties (
    -- The customer or beneficiary.
    party_id TEXT NOT NULL PRIMARY KEY,
    -- The tenant that knows the party.
    tenant_id TEXT NOT NULL,
    -- The version that waits to be compared.
    version BIGINT NOT NULL,
    -- When it changed.
    at BIGINT NOT NULL
);
CREATE INDEX changed_parties_by_age ON changed_parties (at, party_id);

-- One comparison of every party with one state of the lists.
CREATE TABLE rescreens (
    -- Counts the comparisons: 1, 2, 3….
    number BIGINT NOT NULL PRIMARY KEY,
    -- The lists and the policy together, as the gates name them.
    lists_version TEXT NOT NULL,
    -- The last party that was compared, '' before the first. Customers come
    -- first, then beneficiaries, each in the order of their ids.
    after_party TEXT NOT NULL,
    -- How many parties were compared.
    screened BIGINT NOT NULL,
    -- How many of these had hits that nobody released.
    alerted BIGINT NOT NULL,
    -- How many could not be compared.
    unscreened BIGINT NOT NULL,
    -- When it began.
    started_at BIGINT NOT NULL,
    -- When the last party was compared.
    moved_at BIGINT NOT NULL,
    -- When it ended, 0 while it is under way.
    finished_at BIGINT NOT NULL,
    -- 1 when it ended because a newer one began.
    superseded BIGINT NOT NULL
);

-- Work that one process at a time does.
CREATE TABLE leases (
    -- The work.
    name TEXT NOT NULL PRIMARY KEY,
    -- The process that does it.
    holder TEXT NOT NULL,
    -- Until when, unless it is renewed.
    until BIGINT NOT NULL
);

-- Finds the remittances of a beneficiary, as remittances_by_customer does those of a customer.
CREATE INDEX remittances_by_beneficiary ON remittances (beneficiary_id, id);
