# METADATA
# scope: package
# title: Countries
# description: >-
#   No money to, from or for residents of an embargoed country. A high-risk
#   country, or the nationality of an embargoed one, is looked at by a person.
package remit.countries

import data.facts.countries

# METADATA
# title: An embargoed country is involved
# description: The corridor ends there or a party lives there.
# custom:
#   outcome: reject
#   reason: COUNTRY_EMBARGOED
findings contains rego.metadata.rule().custom if {
	some country in places
	countries.embargoed[country]
}

# METADATA
# title: A high-risk country is involved
# description: The corridor ends there, or a party lives there or is its national.
# custom:
#   outcome: review
#   reason: COUNTRY_HIGH_RISK
findings contains rego.metadata.rule().custom if {
	some country in (places | nationalities)
	countries.high_risk[country]
}

# METADATA
# title: A national of an embargoed country is involved
# description: Nationality alone is no embargo, as such a person may well live elsewhere.
# custom:
#   outcome: review
#   reason: COUNTRY_HIGH_RISK
findings contains rego.metadata.rule().custom if {
	some country in nationalities
	countries.embargoed[country]
}

# METADATA
# title: Places
# description: The countries of the corridor and where the parties live.
places := {input.from, input.to, input.originator.country, input.beneficiary.country}

# METADATA
# title: Nationalities
# description: The nationalities of the parties.
nationalities := {input.originator.nationality, input.beneficiary.nationality}
