-- The treasury's desk: requests for float by where they stand, cash that leaves a float again, and facts about outlets
-- in the tenant's feed.

-- Where it stands: requested, posted or refused; '' for what an earlier release wrote, whose body says so.
ALTER TABLE top_ups ADD COLUMN state TEXT NOT NULL DEFAULT '';
UPDATE top_ups SET state = CASE
    WHEN body LIKE '%"state":"posted"%' THEN 'posted' WHEN body LIKE '%"state":"refused"%' THEN 'refused' ELSE 'requested' END;
CREATE INDEX top_ups_waiting ON top_ups (tenant_id, id) WHERE state IN ('', 'requested');

-- Surplus cash that an outlet hands back, or that was collected.
CREATE TABLE float_returns (
    -- The return's id: ret_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant.
    tenant_id TEXT NOT NULL,
    -- The outlet.
    outlet_id TEXT NOT NULL REFERENCES outlets (id),
    -- requested, posted or refused.
    state TEXT NOT NULL,
    -- The return as JSON.
    body TEXT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);
CREATE INDEX float_returns_of_tenant ON float_returns (tenant_id, outlet_id, id);
CREATE INDEX float_returns_waiting ON float_returns (tenant_id, id) WHERE state = 'requested';

-- Facts about outlets, in the same feed as the events of remittances. Appended, never changed.
CREATE TABLE outlet_events (
    -- The place in the feed; grows in the order of commits, counted together with that of events.
    feed BIGINT NOT NULL PRIMARY KEY,
    -- The tenant whose feed it is in.
    tenant_id TEXT NOT NULL,
    -- The outlet it is about.
    outlet_id TEXT NOT NULL REFERENCES outlets (id),
    -- The name of the fact, such as outlet.float_low.
    type TEXT NOT NULL,
    -- When.
    at BIGINT NOT NULL,
    -- Small public facts as a JSON object; never personal data.
    facts TEXT NOT NULL
);
CREATE INDEX outlet_events_by_tenant ON outlet_events (tenant_id, feed);
