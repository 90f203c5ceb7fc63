# METADATA
# scope: package
# title: Facts
# description: >-
#   What must be known before anything can be decided. A fact that is missing or
#   makes no sense is a finding of its own, so that it never reads as "nothing found".
package remit.facts

# METADATA
# title: The facts are complete
# description: Every fact that the other rules build on is there and makes sense.
default complete := false

complete if {
	known_gate
	known_countries
	positive_amount
	known_tier
	known_parties
	known_velocity
	known_screening
	known_tables
}

# METADATA
# title: The facts are not complete
# description: A person must look, because the rules cannot.
# custom:
#   outcome: review
#   reason: POLICY_UNDECIDED
findings contains rego.metadata.rule().custom if not complete

# METADATA
# title: The gate is known
# description: The remittance stands at one of the two gates.
known_gate if input.gate in {"intake", "release"}

# METADATA
# title: The countries are known
# description: Both ends of the corridor are named by two letters.
known_countries if {
	regex.match(`^[A-Z]{2}$`, input.from)
	regex.match(`^[A-Z]{2}$`, input.to)
}

# METADATA
# title: The amount is positive
# description: What the originator pays is a whole number of minor units above zero.
positive_amount if {
	input.source.currency != ""
	whole(input.source.minor)
	input.source.minor > 0
}

# METADATA
# title: The tier is known
# description: The customer's tier is a number from 0 to 3.
known_tier if input.tier in {0, 1, 2, 3}

# METADATA
# title: The parties are known
# description: Each party's country and nationality are texts, empty where not given.
known_parties if {
	is_string(input.originator.country)
	is_string(input.originator.nationality)
	is_string(input.beneficiary.country)
	is_string(input.beneficiary.nationality)
}

# METADATA
# title: The velocity is known
# description: >-
#   What the customer sent before is counted, and the sum is in the currency of
#   this remittance, or there is none.
known_velocity if {
	whole(input.velocity.count_24h)
	whole(input.velocity.count_30d)
	whole(input.velocity.amount_30d.minor)
	input.velocity.count_24h >= 0
	input.velocity.count_30d >= input.velocity.count_24h
	input.velocity.amount_30d.minor >= 0
	comparable_sum
}

# METADATA
# title: The sum is comparable
# description: The 30-day sum is in the currency of this remittance, or nothing was sent.
comparable_sum if {
	input.velocity.amount_30d.currency == input.source.currency
	input.velocity.amount_30d.scale == input.source.scale
}

comparable_sum if {
	input.velocity.count_30d == 0
	input.velocity.amount_30d.minor == 0
}

# METADATA
# title: The screening is known
# description: Screening says whether it was available and lists its hits.
known_screening if {
	is_boolean(input.screening.available)
	is_array(input.screening.hits)
}

# METADATA
# title: The tables are known
# description: The facts that rules look up are loaded, so that a missing table is no missing rule.
known_tables if {
	is_object(data.facts.countries.embargoed)
	is_object(data.facts.countries.high_risk)
	is_object(data.facts.limits.corridors)
	is_object(data.facts.limits.currencies)
	is_object(data.facts.velocity.count_24h)
	whole(data.facts.screening.threshold_basis_points)
	is_object(data.facts.screening.lists)
	is_object(data.facts.screening.corridors)
	is_object(data.facts.screening.lists_in_corridors)
}

# METADATA
# title: Whole number
# description: Amounts and counts are whole numbers, never fractions or texts.
whole(n) if {
	is_number(n)
	n == floor(n)
}
