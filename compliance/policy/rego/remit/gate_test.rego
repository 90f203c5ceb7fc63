# METADATA
# scope: package
# title: Tests of the gate
# description: Each test changes one fact of a remittance that would be allowed.
package remit.gate_test

import data.remit.gate

# METADATA
# title: A good remittance
# description: 200 dollars and fees from a basic customer in the United States to the Philippines.
good := {
	"gate": "intake",
	"from": "US",
	"to": "PH",
	"funding": "bank_debit",
	"payout": "bank",
	"source": {"currency": "USD", "scale": 2, "minor": 20399},
	"tier": 1,
	"originator": {"kind": "person", "country": "US", "nationality": ""},
	"beneficiary": {"kind": "person", "country": "PH", "nationality": ""},
	"velocity": {
		"count_24h": 0,
		"amount_24h": {"currency": "", "scale": 0, "minor": 0},
		"count_30d": 0,
		"amount_30d": {"currency": "", "scale": 0, "minor": 0},
	},
	"screening": {"available": true, "hits": []},
}

# METADATA
# title: Decision with changes
# description: The gate's decision on the good remittance with facts replaced.
decide(patches) := result if {
	result := gate.decision with input as json.patch(good, patches)
}

# METADATA
# title: Replace
# description: One fact replaced.
replace(path, value) := {"op": "replace", "path": path, "value": value}

# METADATA
# title: A name hit
# description: A hit of a name with a score.
hit(score) := {
	"key": "originator|ofac-sdn|1|x", "role": "originator", "list": "ofac-sdn",
	"kind": "name", "score_basis_points": score,
}

test_good_is_allowed if decide([]) == {"outcome": "allow", "reasons": []}

test_good_is_allowed_at_release if decide([replace("/gate", "release")]).outcome == "allow"

test_tier_none_is_rejected if {
	decide([replace("/tier", 0)]) == {"outcome": "reject", "reasons": ["KYC_REQUIRED"]}
}

test_limit_is_inclusive if decide([replace("/source/minor", 50000)]).outcome == "allow"

test_over_transaction_limit_is_rejected if {
	decide([replace("/source/minor", 50001)]) == {"outcome": "reject", "reasons": ["KYC_LIMIT_EXCEEDED"]}
}

test_over_thirty_days_is_rejected if {
	decision := decide([
		replace("/velocity/count_30d", 2),
		replace("/velocity/amount_30d", {"currency": "USD", "scale": 2, "minor": 90000}),
	])
	decision == {"outcome": "reject", "reasons": ["KYC_LIMIT_EXCEEDED"]}
}

test_higher_tier_may_send_more if {
	decide([replace("/source/minor", 1000000), replace("/tier", 2)]).outcome == "allow"
	decide([replace("/source/minor", 1000001), replace("/tier", 2)]).outcome == "reject"
	decide([replace("/source/minor", 5000000), replace("/tier", 3)]).outcome == "allow"
	decide([replace("/source/minor", 5000001), replace("/tier", 3)]).outcome == "reject"
}

test_unknown_currency_is_reviewed if {
	decision := decide([replace("/source", {"currency": "CHF", "scale": 2, "minor": 1})])
	decision == {"outcome": "review", "reasons": ["KYC_LIMITS_UNKNOWN"]}
}

test_other_scale_is_reviewed if {
	decision := decide([replace("/source", {"currency": "USD", "scale": 4, "minor": 1})])
	decision == {"outcome": "review", "reasons": ["KYC_LIMITS_UNKNOWN"]}
}

test_corridor_is_stricter if {
	rand := {"currency": "ZAR", "scale": 2, "minor": 400000}
	decide([replace("/from", "ZA"), replace("/to", "MZ"), replace("/source", rand)]).outcome == "allow"
	decide([replace("/from", "ZA"), replace("/to", "ZW"), replace("/source", rand)]).outcome == "reject"
}

test_velocity_of_a_day if {
	sum := {"currency": "USD", "scale": 2, "minor": 1000}
	nine := [replace("/velocity/count_24h", 9), replace("/velocity/count_30d", 9), replace("/velocity/amount_30d", sum)]
	ten := [replace("/velocity/count_24h", 10), replace("/velocity/count_30d", 10), replace("/velocity/amount_30d", sum)]
	decide(nine).outcome == "allow"
	decide(ten) == {"outcome": "review", "reasons": ["VELOCITY_EXCEEDED"]}
}

test_hit_below_threshold_is_allowed if decide([replace("/screening/hits", [hit(8499)])]).outcome == "allow"

test_hit_is_reviewed if {
	decide([replace("/screening/hits", [hit(8500)])]) == {"outcome": "review", "reasons": ["SANCTIONS_HIT"]}
}

# METADATA
# title: Reviewed from
# description: Whether a hit on a list in a corridor is reviewed from a score on and not below it.
reviewed_from(list, to, threshold, facts) if {
	at := json.patch(hit(threshold), [replace("/list", list)])
	below := json.patch(hit(threshold - 1), [replace("/list", list)])
	reviewed := gate.decision with input as json.patch(good, [replace("/to", to), replace("/screening/hits", [at])])
		with data.facts.screening as facts
	allowed := gate.decision with input as json.patch(good, [replace("/to", to), replace("/screening/hits", [below])])
		with data.facts.screening as facts
	reviewed.reasons == ["SANCTIONS_HIT"]
	allowed.outcome == "allow"
}

test_most_specific_threshold_holds if {
	facts := {
		"threshold_basis_points": 8500,
		"lists": {"un": 9000, "own": 9200},
		"corridors": {"US-MX": 8200, "US-CO": 9100},
		"lists_in_corridors": {"US-MX": {"own": 9500}},
	}
	reviewed_from("ofac-sdn", "PH", 8500, facts)
	reviewed_from("un", "PH", 9000, facts)
	reviewed_from("ofac-sdn", "MX", 8200, facts)
	reviewed_from("un", "MX", 8200, facts)
	reviewed_from("own", "CO", 9100, facts)
	reviewed_from("own", "MX", 9500, facts)
}

test_missing_threshold_is_reviewed if {
	every facts in [{}, {"threshold_basis_points": 8500}, {"threshold_basis_points": "8500"}] {
		decision := gate.decision with input as good with data.facts.screening as facts
		decision.outcome == "review"
	}
}

test_perfect_hit_at_release_is_still_reviewed if {
	decide([replace("/gate", "release"), replace("/screening/hits", [hit(10000)])]).outcome == "review"
}

test_wallet_is_blocked if {
	wallet := json.patch(hit(10000), [replace("/kind", "wallet")])
	decision := decide([replace("/screening/hits", [hit(9000), wallet])])
	decision == {"outcome": "block", "reasons": ["SANCTIONS_TRUE_MATCH", "SANCTIONS_HIT"]}
}

test_screening_down_is_reviewed if {
	decision := decide([replace("/screening/available", false)])
	decision == {"outcome": "review", "reasons": ["SCREENING_UNAVAILABLE"]}
}

test_embargo if {
	every path in ["/to", "/from", "/originator/country", "/beneficiary/country"] {
		decide([replace(path, "KP")]) == {"outcome": "reject", "reasons": ["COUNTRY_EMBARGOED"]}
	}
}

test_nationality_of_embargoed_country_is_reviewed if {
	decide([replace("/originator/nationality", "IR")]) == {"outcome": "review", "reasons": ["COUNTRY_HIGH_RISK"]}
}

test_high_risk_country_is_reviewed if {
	decide([replace("/beneficiary/country", "MM")]) == {"outcome": "review", "reasons": ["COUNTRY_HIGH_RISK"]}
}

test_most_severe_decides if {
	decision := decide([replace("/tier", 0), replace("/screening/hits", [hit(9900)])])
	decision == {"outcome": "reject", "reasons": ["KYC_REQUIRED", "SANCTIONS_HIT"]}
}

test_missing_fact_is_reviewed if {
	every path in [
		"/gate", "/from", "/to", "/source", "/source/minor", "/tier", "/originator", "/beneficiary/country",
		"/velocity", "/velocity/count_24h", "/screening/hits",
	] {
		decision := decide([{"op": "remove", "path": path}])
		decision.outcome == "review"
		"POLICY_UNDECIDED" in decision.reasons
	}
}

test_missing_everything_is_reviewed if {
	decision := gate.decision with input as {}
	decision.outcome == "review"
}

test_senseless_fact_is_undecided if {
	every patch in [
		replace("/source/minor", 0), replace("/source/minor", -1), replace("/source/minor", 1.5),
		replace("/source/minor", "1"), replace("/to", "ph"), replace("/gate", "other"),
		replace("/velocity/count_24h", -1), replace("/velocity/count_24h", 1), replace("/tier", 7),
	] {
		"POLICY_UNDECIDED" in decide([patch]).reasons
	}
}

test_sum_in_other_currency_is_reviewed if {
	decision := decide([
		replace("/velocity/count_30d", 1),
		replace("/velocity/amount_30d", {"currency": "EUR", "scale": 2, "minor": 100}),
	])
	decision == {"outcome": "review", "reasons": ["POLICY_UNDECIDED"]}
}

test_missing_table_is_reviewed if {
	decision := gate.decision with input as good with data.facts.countries as {}
	decision == {"outcome": "review", "reasons": ["POLICY_UNDECIDED"]}
}

test_missing_limit_is_reviewed if {
	decision := gate.decision with input as good with data.facts.velocity.count_24h as {}
	decision == {"outcome": "review", "reasons": ["KYC_LIMITS_UNKNOWN"]}
}

test_outcome_without_place_in_the_order_decides_nothing if {
	unheard := {{"outcome": "perhaps", "reason": "X"}}
	not gate.decision with input as good with data.remit.kyc.findings as unheard
}
