-- Cash that customers bring to a counter, and finding returning customers there.

-- A deposit: the pay-in of one remittance in cash.
CREATE TABLE deposits (
    -- The deposit's id: dep_…, named after its remittance.
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant.
    tenant_id TEXT NOT NULL,
    -- The outlet where it waits.
    outlet_id TEXT NOT NULL REFERENCES outlets (id),
    -- begun, waiting, taken, canceled or expired.
    state TEXT NOT NULL,
    -- Until when the cash may be taken.
    expires_at BIGINT NOT NULL,
    -- The deposit as JSON; what was read of the document in it is sealed with the customer's data key.
    body TEXT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);
CREATE INDEX deposits_open ON deposits (outlet_id, id) WHERE state IN ('begun', 'waiting');
CREATE INDEX deposits_to_expire ON deposits (expires_at) WHERE state IN ('begun', 'waiting');

-- The deposit that a movement is of, '' for none.
ALTER TABLE counter_movements ADD COLUMN deposit_id TEXT NOT NULL DEFAULT '';

-- What a customer is found by. Erasing the customer deletes the rows.
CREATE TABLE customer_keys (
    -- A hash, keyed with the tenant's data key, of a phone or document number, in hex.
    hash TEXT NOT NULL,
    -- Whose it is. Several may share a phone.
    customer_id TEXT NOT NULL REFERENCES customers (id),
    PRIMARY KEY (hash, customer_id)
);
CREATE INDEX customer_keys_of_customer ON customer_keys (customer_id);

-- Whether the keys of a customer were written: 0 for those of earlier releases, until it is done.
ALTER TABLE customers ADD COLUMN keyed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX customers_unkeyed ON customers (id) WHERE keyed = 0;
