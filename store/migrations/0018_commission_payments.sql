-- How a payment of commission was made, in the words of who made it: the bank's name of the transfer. '' for other
-- movements, and for payments that an earlier release wrote.
ALTER TABLE counter_movements ADD COLUMN reference TEXT NOT NULL DEFAULT '';
