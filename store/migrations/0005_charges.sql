-- What coins themselves took of an attempt's transfers from the treasury: a JSON list of asset and minor, or nothing.
ALTER TABLE attempts ADD COLUMN charges TEXT NOT NULL DEFAULT '';
-- The most that the coin may take on top of an order, which its hold reserves too, in minor units of the order's asset.
ALTER TABLE orders ADD COLUMN reserve_minor BIGINT NOT NULL DEFAULT 0;
-- Where what was left to claim stands: open, claimed or reclaimed; nothing for an order that was simply paid. What an
-- earlier version left to claim and took for paid stays so.
ALTER TABLE orders ADD COLUMN claim_status TEXT NOT NULL DEFAULT '';
-- When the chain made what was left to claim, and from when on the treasury may take it back; 0 for none.
ALTER TABLE orders ADD COLUMN claim_since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN claim_until BIGINT NOT NULL DEFAULT 0;
-- The transaction by which it was claimed or taken back, or nothing.
ALTER TABLE orders ADD COLUMN claim_hash TEXT NOT NULL DEFAULT '';
-- The order whose unclaimed money this one takes back into the treasury; nothing for an order that pays.
ALTER TABLE orders ADD COLUMN reclaims TEXT NOT NULL DEFAULT '';
CREATE INDEX orders_claims ON orders (rail, id) WHERE claim_status = 'open';
