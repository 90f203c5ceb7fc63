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
# description: A hit that nobody released scores at or above the threshold of its list in the corridor.
# custom:
#   outcome: review
#   reason: SANCTIONS_HIT
findings contains rego.metadata.rule().custom if {
	some hit in input.screening.hits
	hit.kind != "wallet"
	hit.score_basis_points >= threshold(hit.list)
}

# METADATA
# title: The threshold of a list
# description: >-
#   The most specific one: of the list in this corridor; else of the list or of the
#   corridor, the stricter where both have one; else the default.
threshold(list) := found if {
	found := screening.lists_in_corridors[corridor][list]
} else := strictest if {
	strictest := min([screening.lists[list], screening.corridors[corridor]])
} else := found if {
	found := screening.lists[list]
} else := found if {
	found := screening.corridors[corridor]
} else := screening.threshold_basis_points

# METADATA
# title: Corridor
# description: The corridor's name, from and to country with a hyphen.
corridor := sprintf("%s-%s", [input.from, input.to])

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
