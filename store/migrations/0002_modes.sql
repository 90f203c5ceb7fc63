-- How settlement orders share payments and transactions: single, batched or netted.
ALTER TABLE orders ADD COLUMN mode TEXT NOT NULL DEFAULT 'batched';
-- When the order may go: a netted one once its window has passed, others at once.
ALTER TABLE orders ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
-- netted: one payment for all orders of the attempt; otherwise one for each.
ALTER TABLE attempts ADD COLUMN mode TEXT NOT NULL DEFAULT 'batched';
DROP INDEX orders_queued;
CREATE INDEX orders_due ON orders (rail, due_at, id) WHERE status = 'queued';
CREATE INDEX orders_netted ON orders (rail, destination, asset, created_at, id) WHERE status = 'queued' AND mode = 'netted';
