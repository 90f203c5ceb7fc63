package main

import (
	"context"
	"fmt"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

// person and company make parties of the demo. Those of the lists are named as
// on the shipped sample, or nearly so; the others are nobody.
func person(given, family, born, country, city, phone string) *v1.Party {
	return &v1.Party{
		GivenName: given, FamilyName: family, DateOfBirth: born, Country: country, Nationality: country, City: city,
		AddressLine: "14 Station Road", PostalCode: "10115", Phone: phone, DocumentType: "passport", DocumentNumber: "P7302915",
	}
}

func company(name, country, city, phone string) *v1.Party {
	return &v1.Party{CompanyName: name, Country: country, City: city, AddressLine: "3 Harbour Street", PostalCode: "10110", Phone: phone}
}

// demoCaseList is the demo's dozen: hits that are somebody else and hits that
// may be the listed, in every stage of the queue.
func demoCaseList() []demoCase {
	return append(append(demoHits(), demoOthers()...), demoReported())
}

// demoHits are stopped by the sanctions lists at the intake gate.
func demoHits() []demoCase {
	note := "The passport shows another date of birth and place of birth than the entry."
	return []demoCase{
		{ // The same name, born a year later.
			reference: "demo-birth-date", from: "US", to: "MX", currency: "USD", amount: "350", tier: "verified", funding: "card", source: "tok_ok",
			payout: "bank", originator: person("Luis Raúl", "Arriola Márquez", "1972-05-09", "US", "Austin", "+15125550123"),
			beneficiary: person("Guadalupe", "Arriola", "", "MX", "Monterrey", "+525512345678"),
		},
		{ // Another transliteration of a listed name.
			reference: "demo-transliteration", from: "SA", to: "PK", currency: "SAR", amount: "1200", tier: "verified", funding: "bank_debit", source: "tok_ok",
			payout: "bank", originator: person("Imran", "Qureshi", "1985-02-17", "SA", "Riyadh", "+966501234567"),
			beneficiary: person("Yahya", "Al Haj", "", "PK", "Lahore", "+923001234567"),
		},
		{ // A company with another form and country.
			reference: "demo-company", from: "SG", to: "ID", currency: "SGD", amount: "2400", tier: "enhanced", funding: "bank_debit", source: "tok_ok",
			payout: "bank", originator: person("Wei Ling", "Tan", "1979-08-30", "SG", "Singapore", "+6581234567"),
			beneficiary: company("PT Pingtan Guansheng Ocean Fishing", "ID", "Jakarta", "+6281234567890"),
		},
		{ // A company named like a listed ship.
			reference: "demo-vessel", from: "US", to: "CO", currency: "USD", amount: "1850", tier: "enhanced", funding: "bank_debit", source: "tok_ok",
			payout: "bank", originator: person("Carol", "Jennings", "1974-04-03", "US", "Houston", "+17135550162"),
			beneficiary: company("Queen Luca", "CO", "Cartagena", "+573001112233"),
		},
		{ // A namesake of somebody known; one officer proposed to release it.
			reference: "demo-second-person", from: "ZA", to: "ZW", currency: "ZAR", amount: "1500", tier: "verified", funding: "card", source: "tok_ok",
			payout: "cash", originator: person("Thandiwe", "Moyo", "1990-11-02", "ZA", "Johannesburg", "+27821234567"),
			beneficiary: person("Robert", "Mugabe", "", "ZW", "Harare", "+263771234567"),
			then: func(ctx context.Context, d *demoDesk, r *v1.Remittance) error {
				id, err := d.caseOf(ctx, r)
				if err != nil {
					return err
				}
				return d.decide(ctx, d.key, id, "approved", "The beneficiary is a teacher born in 1996; the listed died in 2019.")
			},
		},
		{ // A question is with the tenant; the clock stands.
			reference: "demo-question", from: "US", to: "CO", currency: "USD", amount: "280", tier: "verified", funding: "card", source: "tok_ok",
			payout: "bank", originator: person("Natalia", "Restrepo", "1988-07-21", "US", "Miami", "+13055550147"),
			beneficiary: person("Lumberto", "Campbell", "", "CO", "Cartagena", "+573001234567"),
			then: func(ctx context.Context, d *demoDesk, r *v1.Remittance) error {
				id, err := d.caseOf(ctx, r)
				if err != nil {
					return err
				}
				_, err = v1.NewCaseServiceClient(d.conn).RequestInformation(d.ctx(ctx, d.key), &v1.RequestInformationRequest{
					Id: id, Question: "Please send the beneficiary's date of birth and a copy of an identity document.", DeadlineHours: 48,
				})
				if err != nil {
					return fmt.Errorf("ask: %w", err)
				}
				return nil
			},
		},
		{ // Too close to decide alone: escalated.
			reference: "demo-escalated", from: "JP", to: "VN", currency: "JPY", amount: "90000", tier: "verified", funding: "bank_debit", source: "tok_ok",
			payout: "bank", originator: person("Haruka", "Sato", "1983-03-12", "JP", "Osaka", "+819012345678"),
			beneficiary: person("Yong Chol", "Kim", "", "VN", "Hanoi", "+84912345678"),
			then: func(ctx context.Context, d *demoDesk, r *v1.Remittance) error {
				id, err := d.caseOf(ctx, r)
				if err != nil {
					return err
				}
				_, err = v1.NewCaseServiceClient(d.conn).EscalateCase(d.ctx(ctx, d.key), &v1.EscalateCaseRequest{
					Id: id, Note: "Two listed people bear this name, and the nationality is not known.",
				})
				if err != nil {
					return fmt.Errorf("escalate: %w", err)
				}
				return nil
			},
		},
		{ // Released by two persons: it went on, and the release is remembered.
			reference: "demo-released", from: "AE", to: "IN", currency: "AED", amount: "900", tier: "verified", funding: "bank_debit", source: "tok_ok",
			payout: "bank", originator: person("Fatima", "Shafiu", "1992-01-25", "AE", "Dubai", "+971501234567"),
			beneficiary: person("Ali", "Shafiu", "", "IN", "Kochi", "+919812345678"),
			then: func(ctx context.Context, d *demoDesk, r *v1.Remittance) error {
				id, err := d.caseOf(ctx, r)
				if err != nil {
					return err
				}
				if err := d.decide(ctx, d.key, id, "approved", note); err != nil {
					return err
				}
				return d.decide(ctx, d.second, id, "approved", "I saw the passport too and agree.")
			},
		},
		{ // Rejected.
			reference: "demo-rejected", from: "GB", to: "KE", currency: "GBP", amount: "150", tier: "verified", funding: "card", source: "tok_ok",
			payout: "mobile_money", originator: person("Peter", "Okafor", "1971-09-05", "GB", "Leeds", "+447400123456"),
			beneficiary: person("Fazul", "Abdulla Mohamed", "", "KE", "Mombasa", "+254712345678"),
			then: func(ctx context.Context, d *demoDesk, r *v1.Remittance) error {
				id, err := d.caseOf(ctx, r)
				if err != nil {
					return err
				}
				return d.decide(ctx, d.key, id, "rejected", "The customer could not say who the beneficiary is.")
			},
		},
	}
}

// demoOthers need a person for other reasons than a name at the intake gate.
func demoOthers() []demoCase {
	return []demoCase{
		{ // A nationality that the policy wants a person to see.
			reference: "demo-country", from: "AE", to: "PH", currency: "AED", amount: "1100", tier: "verified", funding: "bank_debit", source: "tok_ok",
			payout: "bank", originator: nationalOf(person("Aung", "Htet Naing", "1986-12-19", "AE", "Abu Dhabi", "+971502345678"), "MM"),
			beneficiary: person("Maria", "Villanueva", "", "PH", "Cebu", "+639171234501"),
		},
		{ // A beneficiary who moves to a wallet that is listed.
			reference: "demo-wallet", from: "US", to: "CO", currency: "USD", amount: "64", tier: "verified", funding: "card", source: "tok_ok",
			payout: "wallet", account: map[string]string{"network": "stellar"},
			originator:  person("Kevin", "Doyle", "1989-02-08", "US", "Portland", "+15035550177"),
			beneficiary: person("Lena", "Castillo", "", "CO", "Medellín", "+573004445566"),
			then: func(ctx context.Context, d *demoDesk, r *v1.Remittance) error {
				if _, err := d.until(ctx, r.GetId(), "completed", func(r *v1.Remittance) bool { return r.GetState() == "completed" }); err != nil {
					return err
				}
				_, err := v1.NewBeneficiaryServiceClient(d.conn).UpdateBeneficiary(d.ctx(ctx, d.key), &v1.UpdateBeneficiaryRequest{
					Id: r.GetBeneficiaryId(), Version: 1, Account: map[string]string{"network": "stellar", "address": demoWallet},
				})
				if err != nil {
					return fmt.Errorf("change the wallet: %w", err)
				}
				return nil
			},
		},
		{ // Eleven in a day, from somebody who is barely known.
			reference: "demo-velocity", from: "GB", to: "KE", currency: "GBP", amount: "6", tier: "basic", funding: "card", source: "tok_ok", times: 11,
			payout: "mobile_money", originator: person("Joseph", "Wanyama", "1995-05-05", "GB", "London", "+447400654321"),
			beneficiary: person("Grace", "Wanyama", "", "KE", "Nairobi", "+254722345678"),
		},
		{ // The payout is refused, and so is the refund: an operator has to see to it.
			reference: "demo-refund-stuck", from: "US", to: "PH", currency: "USD", amount: "120", tier: "verified", funding: "card", source: "tok_refund_declined",
			payout: "mobile_money", account: map[string]string{"operator": "gcash", "phone": "+639171230006"},
			originator:  person("Emily", "Johnson", "1991-10-13", "US", "Denver", "+13035550111"),
			beneficiary: person("Jose", "Ramos", "", "PH", "Davao", "+639171230006"),
		},
		{ // A customer who takes another name is compared with the lists again.
			reference: "demo-rescreened", from: "US", to: "PH", currency: "USD", amount: "75", tier: "verified", funding: "card", source: "tok_ok",
			payout: "bank", originator: person("Nathan", "Zander", "1994-09-11", "US", "Chicago", "+13125550189"),
			beneficiary: person("Ana", "Reyes", "", "PH", "Manila", "+639171234502"),
			then: func(ctx context.Context, d *demoDesk, r *v1.Remittance) error {
				if _, err := d.until(ctx, r.GetId(), "completed", func(r *v1.Remittance) bool { return r.GetState() == "completed" }); err != nil {
					return err
				}
				_, err := v1.NewCustomerServiceClient(d.conn).UpdateCustomer(d.ctx(ctx, d.key), &v1.UpdateCustomerRequest{
					Id: r.GetCustomerId(), Version: 1, Party: person("Jonatan", "Zimenkov", "1994-09-11", "US", "Chicago", "+13125550189"),
				})
				if err != nil {
					return fmt.Errorf("change the customer: %w", err)
				}
				return nil
			},
		},
		{ // A beneficiary who turns out to be somebody else while the cash waits.
			reference: "demo-frozen-pickup", from: "US", to: "PH", currency: "USD", amount: "210", tier: "verified", funding: "card", source: "tok_ok",
			payout: "cash", originator: person("Sarah", "Miller", "1982-06-28", "US", "Seattle", "+12065550133"),
			beneficiary: person("Victor", "Santos", "", "PH", "Manila", "+639171234503"),
			then: func(ctx context.Context, d *demoDesk, r *v1.Remittance) error {
				if _, err := d.until(ctx, r.GetId(), "ready for pickup", func(r *v1.Remittance) bool { return r.GetState() == "ready_for_pickup" }); err != nil {
					return err
				}
				_, err := v1.NewBeneficiaryServiceClient(d.conn).UpdateBeneficiary(d.ctx(ctx, d.key), &v1.UpdateBeneficiaryRequest{
					Id: r.GetBeneficiaryId(), Version: 1, Party: person("Victor", "Bout", "", "PH", "Manila", "+639171234503"),
				})
				if err != nil {
					return fmt.Errorf("change the beneficiary: %w", err)
				}
				return nil
			},
		},
	}
}

// nationalOf gives a party a nationality other than where it lives.
func nationalOf(p *v1.Party, country string) *v1.Party {
	p.Nationality = country
	return p
}
