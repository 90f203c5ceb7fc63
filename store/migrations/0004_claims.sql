-- 1 where a rail may leave the money for the destination to claim, else 0.
ALTER TABLE orders ADD COLUMN claimable BIGINT NOT NULL DEFAULT 0;
-- The chain's id of what was left for the destination to claim, or nothing.
ALTER TABLE orders ADD COLUMN claim TEXT NOT NULL DEFAULT '';
