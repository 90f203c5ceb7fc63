-- What counters keep of a payout: photos of documents and signatures.
CREATE TABLE counter_evidence (
    -- The id: evd_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant.
    tenant_id TEXT NOT NULL,
    -- The pickup that it is of.
    pickup_id TEXT NOT NULL,
    -- What it shows, sealed with the beneficiary's data key; empty once it was dropped because the payment was not
    -- made with it.
    content BYTEA NOT NULL,
    -- What is known of it as JSON: kind, size, hash, where, when and by whom it was taken.
    body TEXT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);
CREATE INDEX counter_evidence_of_pickup ON counter_evidence (pickup_id, id);
