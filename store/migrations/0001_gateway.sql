-- The tables of the gateway, in the subset of SQL that SQLite and PostgreSQL
-- share. Times are microseconds since 1970 UTC, 0 for never. Amounts are minor
-- units of their asset, an asset is CODE/SCALE. Optional texts are '' when
-- absent, so that no column is NULL. version counts the writes of a row.

-- A tenant is a company that calls the API.
CREATE TABLE tenants (
    -- The tenant's id: ten_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The company's name, for operators.
    name TEXT NOT NULL,
    -- When the tenant was made.
    created_at BIGINT NOT NULL
);

-- An API key; its secret is kept by its holder only.
CREATE TABLE api_keys (
    -- The key's id: key_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant it acts for.
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    -- Who uses it: the actor in decisions and audit.
    name TEXT NOT NULL,
    -- What it may do: a JSON list of scopes.
    scopes TEXT NOT NULL,
    -- The SHA-256 of the secret.
    secret_hash BYTEA NOT NULL UNIQUE,
    -- When it stops working, 0 for never.
    expires_at BIGINT NOT NULL,
    -- When it was revoked, 0 for in force.
    revoked_at BIGINT NOT NULL,
    -- When it was made.
    created_at BIGINT NOT NULL
);

-- A data key that seals what belongs to one person or tenant. Deleting the row
-- makes everything sealed with it unreadable for ever.
CREATE TABLE data_keys (
    -- Whose: the table and id of the row it seals, such as customers/cus_….
    owner TEXT NOT NULL PRIMARY KEY,
    -- The key, wrapped by the vault's master key.
    wrapped BYTEA NOT NULL,
    -- When it was made.
    created_at BIGINT NOT NULL
);

-- An originator known to a tenant.
CREATE TABLE customers (
    -- The customer's id: cus_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant that knows the customer.
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    -- The identity as JSON, sealed with the data key customers/<id>.
    sealed BYTEA NOT NULL,
    -- How well the customer is known: 0 to 3.
    tier BIGINT NOT NULL,
    -- The tenant's own name for the customer.
    reference TEXT NOT NULL,
    -- When the customer was made.
    created_at BIGINT NOT NULL
);
CREATE INDEX customers_by_tenant ON customers (tenant_id, id);

-- Who receives, and where.
CREATE TABLE beneficiaries (
    -- The beneficiary's id: ben_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant that knows the beneficiary.
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    -- How the beneficiary receives: bank, mobile_money, cash, wallet.
    method TEXT NOT NULL,
    -- Identity and account as JSON, sealed with the data key beneficiaries/<id>.
    sealed BYTEA NOT NULL,
    -- When the beneficiary was made.
    created_at BIGINT NOT NULL
);
CREATE INDEX beneficiaries_by_tenant ON beneficiaries (tenant_id, id);

-- A firm quote.
CREATE TABLE quotes (
    -- The quote's id: qte_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant it was made for.
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    -- The whole quote as JSON, as it was given; it never changes.
    body TEXT NOT NULL,
    -- Until when it holds.
    expires_at BIGINT NOT NULL,
    -- The remittance that used it, '' while unused.
    remittance_id TEXT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX quotes_used_once ON quotes (remittance_id) WHERE remittance_id <> '';

-- A remittance as it stands.
CREATE TABLE remittances (
    -- The remittance's id: rem_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant that sends it.
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    -- The originator.
    customer_id TEXT NOT NULL REFERENCES customers (id),
    -- The receiver.
    beneficiary_id TEXT NOT NULL REFERENCES beneficiaries (id),
    -- The quote it was made of; a quote is used once.
    quote_id TEXT NOT NULL UNIQUE REFERENCES quotes (id),
    -- The tenant's own name for it.
    reference TEXT NOT NULL,
    -- The declared purpose.
    purpose TEXT NOT NULL,
    -- An opaque token for where the funding provider collects; never a card or account number.
    funding_source TEXT NOT NULL,
    -- What the originator pays, as an asset, for sums per customer.
    source_asset TEXT NOT NULL,
    -- What the originator pays, in minor units of source_asset.
    source_minor BIGINT NOT NULL,
    -- What has happened; moves along the table of lawful moves only.
    state TEXT NOT NULL,
    -- Whose money is where.
    funds TEXT NOT NULL,
    -- Why it stands where it stands.
    reason TEXT NOT NULL,
    -- The state that a review or a required action returns to.
    resume_state TEXT NOT NULL,
    -- The number of the newest event.
    last_event BIGINT NOT NULL,
    -- The rail that carries or carried the settlement.
    rail TEXT NOT NULL,
    -- The rails known to have failed: a JSON list.
    rails_tried TEXT NOT NULL,
    -- The pay-in order in force.
    pay_in_order TEXT NOT NULL,
    -- The settlement order in force.
    settlement_order TEXT NOT NULL,
    -- The payout order in force.
    payout_order TEXT NOT NULL,
    -- The refund order in force.
    refund_order TEXT NOT NULL,
    -- The ledger hold on the treasury while settling.
    treasury_hold TEXT NOT NULL,
    -- The transaction on chain, once final.
    settlement_hash TEXT NOT NULL,
    -- The case that a review waits for.
    open_case TEXT NOT NULL,
    -- When the caller asked to cancel, 0 for never.
    cancel_requested_at BIGINT NOT NULL,
    -- When it was made.
    created_at BIGINT NOT NULL,
    -- When it last changed.
    updated_at BIGINT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);
CREATE INDEX remittances_by_tenant ON remittances (tenant_id, id);
CREATE INDEX remittances_by_customer ON remittances (customer_id, created_at);
CREATE INDEX remittances_by_reference ON remittances (tenant_id, reference) WHERE reference <> '';

-- A numbered fact in a remittance's history.
CREATE TABLE events (
    -- The remittance it is about.
    remittance_id TEXT NOT NULL REFERENCES remittances (id),
    -- Its number in the remittance: 1, 2, 3… without gaps.
    number BIGINT NOT NULL,
    -- The tenant whose feed it is in.
    tenant_id TEXT NOT NULL,
    -- Its place in the feed; grows in the order of commits.
    feed BIGINT NOT NULL UNIQUE,
    -- The name of the fact, such as remittance.funded.
    type TEXT NOT NULL,
    -- The state after it.
    state TEXT NOT NULL,
    -- Where the money is after it.
    funds TEXT NOT NULL,
    -- Why.
    reason TEXT NOT NULL,
    -- When.
    at BIGINT NOT NULL,
    -- Small public facts as a JSON object; never personal data.
    facts TEXT NOT NULL,
    PRIMARY KEY (remittance_id, number)
);
CREATE INDEX events_by_tenant ON events (tenant_id, feed);

-- The counters that commits hand out. One row; who holds its lock is the one
-- committer of the moment.
CREATE TABLE heads (
    -- Always 1.
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    -- The number of the last journal record.
    journal_seq BIGINT NOT NULL,
    -- The hash of the last journal record; empty before the first.
    journal_hash BYTEA NOT NULL,
    -- The last place given in the feed.
    feed BIGINT NOT NULL,
    -- The last number given in the outbox.
    notice BIGINT NOT NULL
);
INSERT INTO heads (id, journal_seq, journal_hash, feed, notice) VALUES (1, 0, '', 0, 0);

-- The journal: ledger entries, appended and never changed.
CREATE TABLE journal (
    -- The record's number: 1, 2, 3… without gaps.
    seq BIGINT NOT NULL PRIMARY KEY,
    -- The entry's id: ent_….
    id TEXT NOT NULL UNIQUE,
    -- The idempotency key.
    key TEXT NOT NULL UNIQUE,
    -- post, hold, settle_hold, void_hold or reverse.
    action TEXT NOT NULL,
    -- The hold that is made or ended.
    hold TEXT NOT NULL,
    -- The key of the entry that is reversed.
    reverses TEXT NOT NULL,
    -- The remittance it belongs to.
    remittance_id TEXT NOT NULL,
    -- What happened, in words; never personal data.
    memo TEXT NOT NULL,
    -- When.
    at BIGINT NOT NULL,
    -- The SHA-256 of what was asked for.
    input_hash BYTEA NOT NULL,
    -- The hash of the record before.
    prev_hash BYTEA NOT NULL,
    -- The hash of this record, over prev_hash and everything above.
    hash BYTEA NOT NULL
);
CREATE UNIQUE INDEX journal_reversed_once ON journal (reverses) WHERE reverses <> '';

-- The postings in effect of each journal record.
CREATE TABLE postings (
    -- The record they belong to.
    seq BIGINT NOT NULL,
    -- Their order in the record: 1, 2, 3….
    place BIGINT NOT NULL,
    -- The debited account.
    debit TEXT NOT NULL,
    -- The credited account.
    credit TEXT NOT NULL,
    -- What is moved.
    asset TEXT NOT NULL,
    -- How much, in minor units.
    minor BIGINT NOT NULL CHECK (minor > 0),
    -- 1 when it moves balances, 0 when it only reserves or releases.
    moves BIGINT NOT NULL,
    PRIMARY KEY (seq, place)
);

-- The balances of guarded accounts.
CREATE TABLE balances (
    -- The account and the asset, with a space between.
    id TEXT NOT NULL PRIMARY KEY,
    -- The account.
    account TEXT NOT NULL,
    -- The asset.
    asset TEXT NOT NULL,
    -- The balance on the account's normal side, in minor units.
    posted BIGINT NOT NULL,
    -- What open holds reserve of it, in minor units.
    held BIGINT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL,
    CHECK (held >= 0 AND posted >= held)
);
CREATE INDEX balances_standing ON balances (account) WHERE account NOT LIKE 'remittance/%';

-- Sums of the accounts without a floor up to some record of the journal, so
-- that a balance need not be summed from the beginning.
CREATE TABLE snapshots (
    -- The account and the asset, with a space between.
    id TEXT NOT NULL PRIMARY KEY,
    -- The account.
    account TEXT NOT NULL,
    -- The asset.
    asset TEXT NOT NULL,
    -- The last record that is in the sum; alike in all rows.
    seq BIGINT NOT NULL,
    -- The balance on the account's normal side, in minor units.
    posted BIGINT NOT NULL
);

-- What the ledger has reserved.
CREATE TABLE holds (
    -- The hold's id: hld_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The journal record that made it, whose postings are the hold's.
    seq BIGINT NOT NULL,
    -- open, settled or voided.
    status TEXT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);

-- An order to an on-ramp or off-ramp.
CREATE TABLE ramp_orders (
    -- The order's id, which the provider sees as reference: rmp_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The remittance it serves.
    remittance_id TEXT NOT NULL REFERENCES remittances (id),
    -- The tenant of the remittance.
    tenant_id TEXT NOT NULL,
    -- pay_in, pay_out or refund.
    direction TEXT NOT NULL,
    -- The provider's name.
    provider TEXT NOT NULL,
    -- The funding or payout method.
    method TEXT NOT NULL,
    -- The country where the money moves.
    country TEXT NOT NULL,
    -- The asset of the amount.
    asset TEXT NOT NULL,
    -- How much, in minor units.
    minor BIGINT NOT NULL,
    -- The pay-in order that a refund returns.
    refund_of TEXT NOT NULL,
    -- queued, unknown, accepted, succeeded, failed or canceled.
    status TEXT NOT NULL,
    -- Why it failed.
    reason TEXT NOT NULL,
    -- The provider's own name for it.
    provider_reference TEXT NOT NULL,
    -- The asset of what came in, '' when nothing is known to have.
    received_asset TEXT NOT NULL,
    -- What came in, in minor units.
    received_minor BIGINT NOT NULL,
    -- 1 when it is to be withdrawn at the provider.
    cancel_requested BIGINT NOT NULL,
    -- How often it was sent.
    tries BIGINT NOT NULL,
    -- When to look at it again.
    next_try BIGINT NOT NULL,
    -- When it was placed.
    created_at BIGINT NOT NULL,
    -- When it last changed.
    updated_at BIGINT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);
CREATE INDEX ramp_orders_due ON ramp_orders (next_try, id) WHERE status IN ('queued', 'unknown', 'accepted');
CREATE INDEX ramp_orders_by_remittance ON ramp_orders (remittance_id);

-- A provider's callback, so that a repeated one is known.
CREATE TABLE callbacks (
    -- The provider's name.
    provider TEXT NOT NULL,
    -- The provider's id of the message.
    id TEXT NOT NULL,
    -- When it first came.
    received_at BIGINT NOT NULL,
    PRIMARY KEY (provider, id)
);

-- A settlement order.
CREATE TABLE orders (
    -- The order's id: ord_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The remittance it settles.
    remittance_id TEXT NOT NULL REFERENCES remittances (id),
    -- The tenant of the remittance.
    tenant_id TEXT NOT NULL,
    -- 1 for the first rail tried, 2 for the next.
    leg BIGINT NOT NULL,
    -- The rail.
    rail TEXT NOT NULL,
    -- The rail's asset.
    asset TEXT NOT NULL,
    -- How much, in minor units.
    minor BIGINT NOT NULL CHECK (minor > 0),
    -- The address that is paid.
    destination TEXT NOT NULL,
    -- What goes on chain beside it; never personal data.
    memo TEXT NOT NULL,
    -- The decision that let the money go.
    release_decision TEXT NOT NULL,
    -- queued, attempting, settled or failed.
    status TEXT NOT NULL,
    -- Why it failed.
    reason TEXT NOT NULL,
    -- The newest attempt that carries it.
    attempt TEXT NOT NULL,
    -- The transaction that settled it.
    hash TEXT NOT NULL,
    -- When it was placed.
    created_at BIGINT NOT NULL,
    -- When it last changed.
    updated_at BIGINT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL,
    UNIQUE (remittance_id, leg)
);
CREATE INDEX orders_queued ON orders (rail, created_at, id) WHERE status = 'queued';
CREATE INDEX orders_settled ON orders (id) WHERE status = 'settled';

-- A settlement attempt: one signed transaction.
CREATE TABLE attempts (
    -- The attempt's id: att_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The rail.
    rail TEXT NOT NULL,
    -- The signed transaction as sent.
    bytes BYTEA NOT NULL,
    -- Its id on chain.
    hash TEXT NOT NULL UNIQUE,
    -- What the attempt occupies alone while open: a channel account.
    source TEXT NOT NULL,
    -- The source's sequence number.
    sequence BIGINT NOT NULL,
    -- The last moment it can take effect, by the chain's own measure.
    expiry BIGINT NOT NULL,
    -- signed, sent, settled or failed.
    status TEXT NOT NULL,
    -- The chain's own word for the outcome.
    result TEXT NOT NULL,
    -- The asset of the network's fee.
    fee_asset TEXT NOT NULL,
    -- The network's fee in minor units.
    fee_minor BIGINT NOT NULL,
    -- How often it was sent.
    sends BIGINT NOT NULL,
    -- When it was signed.
    created_at BIGINT NOT NULL,
    -- When it last changed.
    updated_at BIGINT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);
CREATE INDEX attempts_open ON attempts (rail, id) WHERE status IN ('signed', 'sent');
CREATE UNIQUE INDEX attempts_source ON attempts (rail, source) WHERE source <> '' AND status IN ('signed', 'sent');

-- Which orders an attempt carries.
CREATE TABLE attempt_orders (
    -- The attempt.
    attempt_id TEXT NOT NULL REFERENCES attempts (id),
    -- The order's place in the transaction: 1, 2, 3….
    place BIGINT NOT NULL,
    -- The order.
    order_id TEXT NOT NULL REFERENCES orders (id),
    PRIMARY KEY (attempt_id, place)
);
CREATE INDEX attempt_orders_by_order ON attempt_orders (order_id);

-- A gate's decision, as it can be replayed.
CREATE TABLE decisions (
    -- The decision's id: dec_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The remittance it is about.
    remittance_id TEXT NOT NULL REFERENCES remittances (id),
    -- intake or release.
    gate TEXT NOT NULL,
    -- allow, rfi, review, reject or block.
    outcome TEXT NOT NULL,
    -- Why: a JSON list of reasons.
    reasons TEXT NOT NULL,
    -- The screening hits as a JSON list; names of lists only.
    hits TEXT NOT NULL,
    -- The policy that decided.
    policy_hash TEXT NOT NULL,
    -- The lists that were searched: a JSON object of versions.
    list_versions TEXT NOT NULL,
    -- The hash of what was decided on.
    input_hash TEXT NOT NULL,
    -- When.
    at BIGINT NOT NULL
);
CREATE INDEX decisions_by_remittance ON decisions (remittance_id);

-- A compliance case.
CREATE TABLE cases (
    -- The case's id: cas_….
    id TEXT NOT NULL PRIMARY KEY,
    -- The tenant of the remittance.
    tenant_id TEXT NOT NULL,
    -- The remittance it is about.
    remittance_id TEXT NOT NULL REFERENCES remittances (id),
    -- What kind of case: gate, refund_stuck and the like.
    kind TEXT NOT NULL,
    -- The gate that stopped the remittance.
    gate TEXT NOT NULL,
    -- The decision that opened it.
    decision TEXT NOT NULL,
    -- open, approved or rejected.
    status TEXT NOT NULL,
    -- Why: a JSON list of reasons.
    reasons TEXT NOT NULL,
    -- The screening hits as a JSON list.
    hits TEXT NOT NULL,
    -- The reason of who decided, sealed with the tenant's data key.
    note BYTEA NOT NULL,
    -- Who decided.
    decided_by TEXT NOT NULL,
    -- When it was opened.
    opened_at BIGINT NOT NULL,
    -- When it ought to be decided.
    due_at BIGINT NOT NULL,
    -- When it was decided, 0 while open.
    decided_at BIGINT NOT NULL,
    -- Counts the writes of the row.
    version BIGINT NOT NULL
);
CREATE INDEX cases_by_tenant ON cases (tenant_id, status, id);
CREATE INDEX cases_by_remittance ON cases (remittance_id);

-- Notices to workflows, written with what makes them true.
CREATE TABLE outbox (
    -- The notice's number; grows in the order of commits.
    number BIGINT NOT NULL PRIMARY KEY,
    -- The remittance whose workflow it is for.
    remittance_id TEXT NOT NULL,
    -- What it is about.
    kind TEXT NOT NULL,
    -- The order or case it is about.
    ref TEXT NOT NULL,
    -- The order's status or the case's disposition.
    status TEXT NOT NULL,
    -- Why.
    reason TEXT NOT NULL,
    -- When it was written.
    created_at BIGINT NOT NULL,
    -- When it may be delivered.
    due_at BIGINT NOT NULL,
    -- When it was delivered, 0 while pending.
    delivered_at BIGINT NOT NULL
);
CREATE INDEX outbox_pending ON outbox (number) WHERE delivered_at = 0;

-- What is known of a caller's idempotency key.
CREATE TABLE idempotency (
    -- The tenant that used it.
    tenant_id TEXT NOT NULL,
    -- The key.
    key TEXT NOT NULL,
    -- The method it was used for.
    method TEXT NOT NULL,
    -- The SHA-256 of the request.
    request_hash BYTEA NOT NULL,
    -- When it was first used.
    first_seen BIGINT NOT NULL,
    -- When the call that is under way claimed it.
    claimed_at BIGINT NOT NULL,
    -- 1 when the response is stored.
    done BIGINT NOT NULL,
    -- The response, sealed with the tenant's data key.
    response BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX idempotency_by_age ON idempotency (first_seen);
