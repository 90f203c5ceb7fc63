# METADATA
# scope: package
# title: Gate
# description: >-
#   Joins the findings of all rules to one decision. The most severe finding
#   decides; the order of outcomes is data the gateway gives, from mild to severe.
package remit.gate

import data.remit.countries
import data.remit.facts
import data.remit.kyc
import data.remit.sanctions
import data.remit.velocity

# METADATA
# title: Findings
# description: All that any rule has against the remittance.
findings := (((facts.findings | kyc.findings) | velocity.findings) | sanctions.findings) | countries.findings

# METADATA
# title: Severities
# description: How severe each finding is, as the place of its outcome in the order.
severities contains data.severity[finding.outcome] if some finding in findings

# METADATA
# title: Unordered findings
# description: Findings whose outcome is not in the order; with one of them nothing is decided.
unordered contains finding if {
	some finding in findings
	not is_number(data.severity[finding.outcome])
}

# METADATA
# title: Decision without findings
# description: Allow, and only when the facts were complete and nothing speaks against it.
# entrypoint: true
decision := {"outcome": "allow", "reasons": []} if {
	facts.complete
	count(findings) == 0
}

# METADATA
# title: Decision with findings
# description: The most severe outcome, with all reasons, those of the most severe findings first.
decision := {"outcome": outcome, "reasons": reasons} if {
	count(findings) > 0
	count(unordered) == 0
	some outcome, place in data.severity
	place == max(severities)
	reasons := [reason |
		some [_, reason] in sort({[0 - data.severity[finding.outcome], finding.reason] |
			some finding in findings
		})
	]
}
