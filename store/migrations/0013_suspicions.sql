-- Reports of suspicion from counters. What they say is in the history of their case, sealed with the tenant's data key.
CREATE TABLE suspicions (
    -- The report's id: sus_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant.
    tenant_id TEXT NOT NULL,
    -- Who reported.
    teller_id TEXT NOT NULL,
    -- The report as JSON, without its words.
    body TEXT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);
CREATE INDEX suspicions_of_teller ON suspicions (tenant_id, teller_id, id);
