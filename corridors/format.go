package corridors

import (
	"errors"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
)

// formats are the checks beyond a pattern, by the name that data files and
// schemas use. Each gets a text that may be anything and says what is wrong,
// never quoting it: it is personal data.
var formats = map[string]func(string) error{
	"birth-date": checkBirthDate,
	"clabe":      checkCLABE,
	"country":    checkCountry,
	"iban":       checkIBAN,
	// The check digit covers the bank code too: see findings.together.
	"nuban": func(string) error { return nil },
	"phone": func(s string) error { return checkPhone(s, "", false) },
}

// mobilePrefix starts the formats mobile-ph and the like: a mobile number of
// one country.
const mobilePrefix = "mobile-"

// format returns the check of a name.
func format(name string) (func(string) error, bool) {
	if check, ok := formats[name]; ok {
		return check, true
	}
	region, ok := strings.CutPrefix(name, mobilePrefix)
	region = strings.ToUpper(region)
	if !ok || !phonenumbers.GetSupportedRegions()[region] {
		return nil, false
	}
	return func(s string) error { return checkPhone(s, region, true) }, true
}

func knownFormat(name string) bool {
	_, ok := format(name)
	return ok
}

// earliestBirth is before the oldest person alive.
const earliestBirth = 1900

func checkBirthDate(s string) error {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return errors.New("is not a day of the calendar")
	}
	if t.Year() < earliestBirth {
		return errors.New("is too long ago")
	}
	return nil
}

// checkCountry knows the countries that have telephones, which is all of ISO
// 3166 where people live.
func checkCountry(s string) error {
	if !phonenumbers.GetSupportedRegions()[s] {
		return errors.New("is not an assigned country code")
	}
	return nil
}

// checkCLABE checks the last of 18 digits: weights 3, 7, 1, modulo 10 (Asociación
// de Bancos de México).
func checkCLABE(s string) error {
	if len(s) != 18 {
		return errors.New("is not 18 digits")
	}
	sum := 0
	for i, r := range s[:17] {
		if r < '0' || r > '9' {
			return errors.New("is not 18 digits")
		}
		sum += int(r-'0') * [3]int{3, 7, 1}[i%3] % 10
	}
	if int(s[17]-'0') != (10-sum%10)%10 {
		return errors.New("has a wrong check digit; compare it with the statement")
	}
	return nil
}

// checkIBAN checks the two check digits by ISO 13616: modulo 97 is 1.
func checkIBAN(s string) error {
	if len(s) < 5 {
		return errors.New("is too short")
	}
	remainder := 0
	for _, r := range s[4:] + s[:4] {
		switch {
		case r >= '0' && r <= '9':
			remainder = (remainder*10 + int(r-'0')) % 97
		case r >= 'A' && r <= 'Z':
			remainder = (remainder*100 + int(r-'A') + 10) % 97
		default:
			return errors.New("has a character other than A-Z and 0-9")
		}
	}
	if remainder != 1 {
		return errors.New("has wrong check digits; compare it with the statement")
	}
	return nil
}

// checkNUBAN checks the tenth digit of a Nigerian account number against the
// three-digit code of its bank (CBN, Nigeria Uniform Bank Account Number, 2011).
func checkNUBAN(bankCode, account string) error {
	if len(bankCode) != 3 || len(account) != 10 {
		return nil // Institutions with six digits do not all follow the standard.
	}
	sum := 0
	for i, r := range bankCode + account[:9] {
		if r < '0' || r > '9' {
			return errors.New("is not digits")
		}
		sum += int(r-'0') * [3]int{3, 7, 3}[i%3]
	}
	if int(account[9]-'0') != (10-sum%10)%10 {
		return errors.New("does not belong to this bank_code: its check digit is wrong")
	}
	return nil
}

// checkPhone checks an E.164 number, of a region where one is given.
func checkPhone(s, region string, mobile bool) error {
	number, err := phonenumbers.Parse(s, "ZZ")
	if err != nil || phonenumbers.Format(number, phonenumbers.E164) != s {
		return errors.New("is not written with a plus sign, country code and digits only")
	}
	if !phonenumbers.IsValidNumber(number) || (region != "" && !phonenumbers.IsValidNumberForRegion(number, region)) {
		return errors.New("is not a number in use there")
	}
	if !mobile {
		return nil
	}
	switch phonenumbers.GetNumberType(number) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		return nil
	default:
		return errors.New("is not a mobile number")
	}
}
