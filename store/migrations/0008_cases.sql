-- Cases with all that belongs to them. A case may be about a party without a remittance, so the table is made anew
-- without the reference to one; what an earlier release writes gets the defaults.
CREATE TABLE cases_anew (
    -- The case's id: cas_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant whose remittance or party it is about.
    tenant_id TEXT NOT NULL,
    -- The remittance it is about, '' where it is about a party only.
    remittance_id TEXT NOT NULL,
    -- What kind of case: gate, rescreen, refund_stuck and the like.
    kind TEXT NOT NULL,
    -- The gate that stopped the remittance.
    gate TEXT NOT NULL,
    -- The newest decision of a gate in it.
    decision TEXT NOT NULL,
    -- open, waiting, pending, approved, rejected, blocked or unblocked.
    status TEXT NOT NULL,
    -- Why: a JSON list of reasons, of all alerts.
    reasons TEXT NOT NULL,
    -- The screening hits as a JSON list, of all alerts.
    hits TEXT NOT NULL,
    -- The reason of who decided, sealed with the tenant's data key.
    note BYTEA NOT NULL,
    -- Who decided, by name.
    decided_by TEXT NOT NULL,
    -- When it was opened.
    opened_at BIGINT NOT NULL,
    -- When it ought to be decided; moves on by what the clock stood still.
    due_at BIGINT NOT NULL,
    -- When it was decided, 0 while it was not.
    decided_at BIGINT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL,
    -- The originator it concerns, '' for none.
    customer_id TEXT NOT NULL DEFAULT '',
    -- The beneficiary it concerns, '' for none.
    beneficiary_id TEXT NOT NULL DEFAULT '',
    -- Where it waits: sanctions, review, operations or mlro.
    inbox TEXT NOT NULL DEFAULT 'review',
    -- The most severe outcome of a gate in it, '' for none.
    advice TEXT NOT NULL DEFAULT '',
    -- Counts the changes of what the file says; decisions name the one they were made on.
    changes BIGINT NOT NULL DEFAULT 1,
    -- How many alerts it has.
    alerts BIGINT NOT NULL DEFAULT 0,
    -- How many lines its history has.
    events BIGINT NOT NULL DEFAULT 0,
    -- How many documents it has.
    documents BIGINT NOT NULL DEFAULT 0,
    -- Who holds the lock, by id; '' for nobody.
    lock_by TEXT NOT NULL DEFAULT '',
    -- The name of who holds it.
    lock_name TEXT NOT NULL DEFAULT '',
    -- Until when the lock holds.
    lock_until BIGINT NOT NULL DEFAULT 0,
    -- The time that was given when due_at was set, in microseconds.
    span BIGINT NOT NULL DEFAULT 86400000000,
    -- Since when the clock stands still, 0 while it runs.
    stopped_at BIGINT NOT NULL DEFAULT 0,
    -- For how long it stood still before, in microseconds.
    stopped BIGINT NOT NULL DEFAULT 0,
    -- The decision that waits for a second person as JSON, '' for none.
    proposal TEXT NOT NULL DEFAULT '',
    -- The reason of who proposed it, sealed with the tenant's data key.
    proposal_note BYTEA NOT NULL DEFAULT '',
    -- The question to the tenant, sealed with the tenant's data key.
    question BYTEA NOT NULL DEFAULT '',
    -- Who asked it, by id; '' for none.
    asked_by TEXT NOT NULL DEFAULT '',
    -- The name of who asked it.
    asked_name TEXT NOT NULL DEFAULT '',
    -- When it was asked.
    asked_at BIGINT NOT NULL DEFAULT 0,
    -- Until when an answer is expected, 0 for no question.
    answer_until BIGINT NOT NULL DEFAULT 0,
    -- Who decided, by id; '' where only the name is known.
    decided_by_id TEXT NOT NULL DEFAULT '',
    -- Who proposed what was decided, by name; '' where one person was enough.
    proposed_by TEXT NOT NULL DEFAULT '',
    -- The id of who proposed it.
    proposed_by_id TEXT NOT NULL DEFAULT ''
);
INSERT INTO cases_anew (id, tenant_id, remittance_id, kind, gate, decision, status, reasons, hits, note, decided_by,
    opened_at, due_at, decided_at, version, customer_id, beneficiary_id, inbox, changes, alerts, events, span)
SELECT c.id, c.tenant_id, c.remittance_id, c.kind, c.gate, c.decision, c.status, c.reasons, c.hits, c.note, c.decided_by,
    c.opened_at, c.due_at, c.decided_at, c.version, r.customer_id, r.beneficiary_id,
    CASE WHEN c.kind <> 'gate' THEN 'operations' WHEN c.hits IN ('[]', 'null') THEN 'review' ELSE 'sanctions' END,
    c.version, 1, CASE WHEN c.status = 'open' THEN 1 ELSE 2 END, c.due_at - c.opened_at
FROM cases c JOIN remittances r ON r.id = c.remittance_id;
DROP TABLE cases;
ALTER TABLE cases_anew RENAME TO cases;
CREATE INDEX cases_by_tenant ON cases (tenant_id, status, id);
CREATE INDEX cases_by_remittance ON cases (remittance_id);
CREATE INDEX cases_by_customer ON cases (customer_id, id) WHERE customer_id <> '';
CREATE INDEX cases_by_beneficiary ON cases (beneficiary_id, id) WHERE beneficiary_id <> '';
CREATE INDEX cases_undecided ON cases (tenant_id, due_at, id) WHERE status IN ('open', 'waiting', 'pending');
CREATE INDEX cases_waiting ON cases (answer_until) WHERE status = 'waiting';

-- What a case was opened for, and what joined it.
CREATE TABLE case_alerts (
    -- Names the finding, so that the same one adds nothing: the tenant, a slash and the finder's own key.
    id TEXT NOT NULL PRIMARY KEY,
    -- The case it is in.
    case_id TEXT NOT NULL REFERENCES cases (id),
    -- Its number in the case: 1, 2, 3….
    number BIGINT NOT NULL,
    -- What raised it: gate, rescreen and the like.
    kind TEXT NOT NULL,
    -- Why: a JSON list of reasons.
    reasons TEXT NOT NULL,
    -- The gate's decision that raised it, '' for other kinds.
    decision TEXT NOT NULL,
    -- The keys of the hits that it brought: a JSON list.
    hit_keys TEXT NOT NULL,
    -- When.
    at BIGINT NOT NULL,
    UNIQUE (case_id, number)
);
INSERT INTO case_alerts (id, case_id, number, kind, reasons, decision, hit_keys, at)
SELECT tenant_id || '/' || id, id, 1, kind, reasons, decision, '[]', opened_at FROM cases;

-- The history of a case. Appended, never changed.
CREATE TABLE case_events (
    -- The case.
    case_id TEXT NOT NULL REFERENCES cases (id),
    -- The line's number in the case: 1, 2, 3… without gaps.
    number BIGINT NOT NULL,
    -- What: opened, alert, taken, note and the like.
    kind TEXT NOT NULL,
    -- Who, by id; '' for the gateway.
    by_id TEXT NOT NULL,
    -- The name of who.
    by_name TEXT NOT NULL,
    -- When.
    at BIGINT NOT NULL,
    -- The words of whoever acted, sealed with the tenant's data key.
    text BYTEA NOT NULL,
    -- Small facts as a JSON object; never personal data.
    facts TEXT NOT NULL,
    PRIMARY KEY (case_id, number)
);
INSERT INTO case_events (case_id, number, kind, by_id, by_name, at, text, facts)
SELECT id, 1, 'opened', '', 'gateway', opened_at, '', '{}' FROM cases;
INSERT INTO case_events (case_id, number, kind, by_id, by_name, at, text, facts)
SELECT id, 2, 'decided', '', decided_by, decided_at, '', '{"decision":"' || status || '"}' FROM cases WHERE status <> 'open';

-- The documents of a case.
CREATE TABLE case_documents (
    -- The document's id: doc_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The case it is in.
    case_id TEXT NOT NULL REFERENCES cases (id),
    -- Its place in the case: 1, 2, 3….
    place BIGINT NOT NULL,
    -- The file's name, sealed with the tenant's data key.
    name BYTEA NOT NULL,
    -- What it is, as recognised by content.
    media_type TEXT NOT NULL,
    -- How large the content is, in bytes.
    size BIGINT NOT NULL,
    -- The SHA-256 of the content, in hex.
    sha256 TEXT NOT NULL,
    -- Who put it there, by id.
    by_id TEXT NOT NULL,
    -- The name of who.
    by_name TEXT NOT NULL,
    -- When.
    at BIGINT NOT NULL,
    -- The content, sealed with the tenant's data key.
    content BYTEA NOT NULL,
    UNIQUE (case_id, place)
);

-- What people said of hits. A false positive is remembered for the party until it lapses.
CREATE TABLE hit_dispositions (
    -- The case in which it was said.
    case_id TEXT NOT NULL REFERENCES cases (id),
    -- The key of the pair of party and list entry.
    hit_key TEXT NOT NULL,
    -- The tenant that knows the party.
    tenant_id TEXT NOT NULL,
    -- customer or beneficiary.
    party_kind TEXT NOT NULL,
    -- The party's id.
    party_id TEXT NOT NULL,
    -- The list.
    list TEXT NOT NULL,
    -- The entry's id on the list.
    entry_id TEXT NOT NULL,
    -- false_positive or true_match.
    disposition TEXT NOT NULL,
    -- Who said so, by id.
    by_id TEXT NOT NULL,
    -- The name of who said so.
    by_name TEXT NOT NULL,
    -- Who agreed, by id; '' where one person was enough.
    second_id TEXT NOT NULL,
    -- The name of who agreed.
    second_name TEXT NOT NULL,
    -- When it took effect.
    at BIGINT NOT NULL,
    -- When it lapsed because the party or the entry changed, 0 while it holds.
    lapsed_at BIGINT NOT NULL,
    PRIMARY KEY (case_id, hit_key)
);
CREATE INDEX hit_dispositions_by_party ON hit_dispositions (party_id, disposition) WHERE lapsed_at = 0;

-- The keyed hash of a beneficiary's account, '' where it was not made yet and '-' where there is no account: equal
-- accounts of a tenant are found without opening any.
ALTER TABLE beneficiaries ADD COLUMN account_hash TEXT NOT NULL DEFAULT '';
CREATE INDEX beneficiaries_by_account ON beneficiaries (tenant_id, account_hash) WHERE account_hash NOT IN ('', '-');
CREATE INDEX beneficiaries_unhashed ON beneficiaries (id) WHERE account_hash = '';
