-- The envelopes around an attempt's transaction that bid more for it, oldest first: a JSON list of hash, bytes, source,
-- bid_asset, bid_minor and created_at, or nothing.
ALTER TABLE attempts ADD COLUMN bumps TEXT NOT NULL DEFAULT '';
