# METADATA
# scope: package
# title: Know your customer
# description: >-
#   Who is not identified sends nothing; who is sends up to the limits of the
#   tier. Limits are stated per source currency, in minor units, and a corridor may
#   be stricter than its currency. A currency or tier without limits is reviewed.
package remit.kyc

import data.facts.limits

# METADATA
# title: The customer is not identified
# description: Tier 0 may send nothing.
# custom:
#   outcome: reject
#   reason: KYC_REQUIRED
findings contains rego.metadata.rule().custom if input.tier == 0

# METADATA
# title: One remittance is over the limit
# description: The amount with fees is more than the tier may send at once.
# custom:
#   outcome: reject
#   reason: KYC_LIMIT_EXCEEDED
findings contains rego.metadata.rule().custom if {
	some limit in applicable
	input.source.minor > limit.per_transaction_minor
}

# METADATA
# title: Thirty days are over the limit
# description: The amount with what was sent in thirty days is more than the tier may send.
# custom:
#   outcome: reject
#   reason: KYC_LIMIT_EXCEEDED
findings contains rego.metadata.rule().custom if {
	some limit in applicable
	input.velocity.amount_30d.minor + input.source.minor > limit.per_30_days_minor
}

# METADATA
# title: The limits are unknown
# description: The currency, its scale or the tier is not in the table, so a person decides.
# custom:
#   outcome: review
#   reason: KYC_LIMITS_UNKNOWN
findings contains rego.metadata.rule().custom if {
	input.tier != 0
	not currency_limit
}

# METADATA
# title: Applicable limits
# description: The currency's limits and, where there are some, the corridor's; all must be kept.
applicable contains currency_limit

applicable contains limits.corridors[corridor].tiers[tier] if {
	limits.corridors[corridor].currency == input.source.currency
}

# METADATA
# title: The currency's limits for the tier
# description: Undefined when the table does not have them in the scale of the amount.
currency_limit := limits.currencies[input.source.currency].tiers[tier] if {
	limits.currencies[input.source.currency].scale == input.source.scale
	is_number(limits.currencies[input.source.currency].tiers[tier].per_transaction_minor)
	is_number(limits.currencies[input.source.currency].tiers[tier].per_30_days_minor)
}

# METADATA
# title: Corridor
# description: The corridor's name, from and to country with a hyphen.
corridor := sprintf("%s-%s", [input.from, input.to])

# METADATA
# title: Tier
# description: The tier as the tables name it.
tier := sprintf("%d", [input.tier])
