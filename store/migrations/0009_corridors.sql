-- The corridor of a remittance, for statistics; '' where an earlier release stored it, until it is filled in.
ALTER TABLE remittances ADD COLUMN corridor TEXT NOT NULL DEFAULT '';
CREATE INDEX remittances_by_day ON remittances (tenant_id, created_at);
CREATE INDEX remittances_without_corridor ON remittances (id) WHERE corridor = '';
CREATE INDEX cases_decided ON cases (tenant_id, decided_at) WHERE decided_at <> 0;
