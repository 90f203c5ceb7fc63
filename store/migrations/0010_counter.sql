-- Our own counters: agents, their outlets, the people who work there, cash that waits, drawers and floats. What
-- is looked for has a column of its own; body has the whole thing as JSON, without personal data in the clear.

-- A company that pays out for us.
CREATE TABLE agents (
    -- The agent's id: agt_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant whose network it belongs to.
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    -- The agent as JSON.
    body TEXT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);
CREATE INDEX agents_by_tenant ON agents (tenant_id, id);

-- A location of an agent.
CREATE TABLE outlets (
    -- The outlet's id: out_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant.
    tenant_id TEXT NOT NULL,
    -- The agent.
    agent_id TEXT NOT NULL REFERENCES agents (id),
    -- Where it is: ISO 3166-1 alpha-2.
    country TEXT NOT NULL,
    -- The city in small letters.
    city TEXT NOT NULL,
    -- The outlet as JSON.
    body TEXT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);
CREATE INDEX outlets_by_place ON outlets (tenant_id, country, city, id);
CREATE INDEX outlets_by_agent ON outlets (agent_id, id);

-- A person who works at a counter, or an agent's admin.
CREATE TABLE tellers (
    -- The person's id at the counters: tel_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant.
    tenant_id TEXT NOT NULL,
    -- The agent.
    agent_id TEXT NOT NULL REFERENCES agents (id),
    -- The outlet, '' for an agent's admin.
    outlet_id TEXT NOT NULL,
    -- Whose session acts as this person, '' for nobody's.
    staff_id TEXT NOT NULL,
    -- The person as JSON.
    body TEXT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);
CREATE INDEX tellers_of_agent ON tellers (agent_id, outlet_id, id);
CREATE UNIQUE INDEX tellers_of_staff ON tellers (staff_id) WHERE staff_id <> '';

-- Cash that waits for its beneficiary: one row for each payout order that a counter was given.
CREATE TABLE pickups (
    -- The pickup's id: pic_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant.
    tenant_id TEXT NOT NULL,
    -- The keyed hash of the code in hex, '' for an order that was withdrawn before it came.
    code_hash TEXT NOT NULL,
    -- waiting, reserved, paid, canceled or expired.
    state TEXT NOT NULL,
    -- Until when it may be fetched.
    expires_at BIGINT NOT NULL,
    -- The pickup as JSON; what was read of the document in it is sealed with the beneficiary's data key.
    body TEXT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);
CREATE INDEX pickups_by_code ON pickups (tenant_id, code_hash);
CREATE INDEX pickups_to_expire ON pickups (expires_at) WHERE state IN ('waiting', 'reserved');

-- One session of a teller's drawer.
CREATE TABLE drawers (
    -- The session's id: drw_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant.
    tenant_id TEXT NOT NULL,
    -- The outlet.
    outlet_id TEXT NOT NULL REFERENCES outlets (id),
    -- When it was opened.
    opened_at BIGINT NOT NULL,
    -- When it was closed, 0 while it is not.
    closed_at BIGINT NOT NULL,
    -- The session as JSON.
    body TEXT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);
CREATE INDEX drawers_of_outlet ON drawers (outlet_id, opened_at);

-- A request for float.
CREATE TABLE top_ups (
    -- The request's id: top_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant.
    tenant_id TEXT NOT NULL,
    -- The outlet.
    outlet_id TEXT NOT NULL REFERENCES outlets (id),
    -- The request as JSON.
    body TEXT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);
CREATE INDEX top_ups_of_tenant ON top_ups (tenant_id, outlet_id, id);

-- Tries to look pickups up, by teller, outlet and code.
CREATE TABLE counter_guards (
    -- What is counted: teller/<id>, outlet/<id> or code/<tenant>/<hash>.
    id TEXT NOT NULL PRIMARY KEY,
    -- The counts as JSON.
    body TEXT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);

-- What was paid out in a day by a teller or outlet, and what agents are owed.
CREATE TABLE counter_usage (
    -- Whose: <id>/<day>/<currency>, owed/<agent>/<currency> or paid/<payment>.
    id TEXT NOT NULL PRIMARY KEY,
    -- The sum and count as JSON.
    body TEXT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);

-- A movement of cash, float or commission. Each one is a ledger entry with the same key. Appended, never changed.
CREATE TABLE counter_movements (
    -- The key of the ledger entry.
    id TEXT NOT NULL PRIMARY KEY,
    -- What: top_up, to_drawer, from_drawer, payout, over, short, handover, commission or commission_paid.
    kind TEXT NOT NULL,
    -- The tenant.
    tenant_id TEXT NOT NULL,
    -- The agent.
    agent_id TEXT NOT NULL,
    -- The outlet, '' for what is the agent's.
    outlet_id TEXT NOT NULL,
    -- Whose drawer, '' for none.
    teller_id TEXT NOT NULL,
    -- Of a handover, whose drawer then; '' otherwise.
    to_teller TEXT NOT NULL,
    -- The drawer's session, '' for none.
    drawer_id TEXT NOT NULL,
    -- The pickup, '' for none.
    pickup_id TEXT NOT NULL,
    -- The remittance, '' for none.
    remittance_id TEXT NOT NULL,
    -- The asset as CODE/SCALE.
    asset TEXT NOT NULL,
    -- The amount in minor units.
    minor BIGINT NOT NULL,
    -- When.
    at BIGINT NOT NULL
);
CREATE INDEX counter_movements_of_outlet ON counter_movements (outlet_id, at);
CREATE INDEX counter_movements_of_agent ON counter_movements (agent_id, at);
