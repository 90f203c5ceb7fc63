# METADATA
# scope: package
# title: Sanctions
# description: >-
#   A name that may be a listed one is for a person to decide, however well it
#   matches and at whichever gate. A listed wallet address is beyond doubt.
package remit.sanctions

import data.facts.screening

# METADATA
# title: A party may be listed
# description: A hit that nobody released scores at or above the threshold.
# custom:
#   outcome: review
#   reason: SANCTIONS_HIT
findings contains rego.metadata.rule().custom if {
	some hit in input.screening.hits
	hit.kind != "wallet"
	hit.score_basis_points >= screening.threshold_basis_points
}

# METADATA
# title: The wallet is listed
# description: The beneficiary's wallet address stands on a list, character by character.
# custom:
#   outcome: block
#   reason: SANCTIONS_TRUE_MATCH
findings contains rego.metadata.rule().custom if {
	some hit in input.screening.hits
	hit.kind == "wallet"
}

# METADATA
# title: Screening was not available
# description: A party that could not be screened may be listed.
# custom:
#   outcome: review
#   reason: SCREENING_UNAVAILABLE
findings contains rego.metadata.rule().custom if not input.screening.available
