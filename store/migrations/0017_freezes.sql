-- When a person ordered the payout of a case's remittance withdrawn, in microseconds since 1970; 0 where nobody did.
ALTER TABLE cases ADD COLUMN frozen_at BIGINT NOT NULL DEFAULT 0;
