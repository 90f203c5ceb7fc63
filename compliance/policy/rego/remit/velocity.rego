# METADATA
# scope: package
# title: Velocity
# description: >-
#   Many remittances in a short time are looked at by a person. The 30-day sum has
#   a hard limit, which stands with the tiers in remit.kyc.
package remit.velocity

import data.facts.velocity

# METADATA
# title: Too many in a day
# description: With this one the customer sends more in 24 hours than the tier usually does.
# custom:
#   outcome: review
#   reason: VELOCITY_EXCEEDED
findings contains rego.metadata.rule().custom if {
	input.velocity.count_24h + 1 > most_in_a_day
}

# METADATA
# title: The velocity limit is unknown
# description: The tier has no limit in the table, so a person decides.
# custom:
#   outcome: review
#   reason: KYC_LIMITS_UNKNOWN
findings contains rego.metadata.rule().custom if {
	input.tier != 0
	not most_in_a_day
}

# METADATA
# title: Most in a day
# description: How many remittances the tier may send in 24 hours without a look.
most_in_a_day := velocity.count_24h[sprintf("%d", [input.tier])]
