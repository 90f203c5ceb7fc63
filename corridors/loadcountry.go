package corridors

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/openremit/remit"
)

var (
	fundingMethods = []remit.FundingMethod{remit.FundingBankDebit, remit.FundingCard, remit.FundingBalance, remit.FundingCash}
	payoutMethods  = []remit.PayoutMethod{remit.PayoutBank, remit.PayoutMobileMoney, remit.PayoutCash, remit.PayoutWallet}

	fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]{1,31}$`)
)

// country checks one country file and returns what it says.
func (f *fileProblems) country(in countryFile) Country {
	c := Country{Code: remit.Country(in.Code), Name: in.Name, Mononyms: in.Mononyms, Holidays: in.Holidays}
	if !c.Code.Valid() {
		f.add("code", "%q is not a two-letter code in capitals", clip(in.Code))
	}
	if c.Name == "" {
		f.add("name", "is missing")
	}
	c.Currency = f.currency("currency", in.Currency)
	location, err := time.LoadLocation(in.TimeZone)
	if err != nil || in.TimeZone == "" || in.TimeZone == "Local" {
		f.add("time_zone", "%q is not an IANA time zone", clip(in.TimeZone))
		location = time.UTC
	}
	c.Location = location
	for _, day := range in.Weekend {
		c.Weekend = append(c.Weekend, f.weekday(day))
	}
	noRepeats(f, "weekend", c.Weekend, true)
	if len(c.Weekend) > 3 {
		f.add("weekend", "is longer than three days")
	}
	for _, m := range in.Funding {
		c.Funding = append(c.Funding, oneOf(f, "funding", m, fundingMethods...))
	}
	noRepeats(f, "funding", c.Funding, false)
	for _, p := range in.Payout {
		c.Payouts = append(c.Payouts, f.payoutRule(p))
	}
	noRepeats(f, "payout", methodsOf(c.Payouts), false)
	c.Thresholds = f.thresholds(c.Currency, in.Thresholds)
	f.holidays(in.Holidays)
	return c
}

func methodsOf(rules []CountryPayout) []remit.PayoutMethod {
	methods := make([]remit.PayoutMethod, len(rules))
	for i, r := range rules {
		methods[i] = r.Method
	}
	return methods
}

func (f *fileProblems) weekday(name string) time.Weekday {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.ToLower(d.String()) == name {
			return d
		}
	}
	f.add("weekend", "%q is not a weekday in lower case", clip(name))
	return time.Sunday
}

// holidays checks that the calendar covers the years that quotes are made in.
func (f *fileProblems) holidays(days map[string]string) {
	years := make(map[int]int)
	for date, name := range days {
		t, err := time.Parse(time.DateOnly, date)
		if err != nil || name == "" {
			f.add("holidays", "%q: %q is not a date with a name", clip(date), clip(name))
			continue
		}
		years[t.Year()]++
	}
	for _, year := range []int{2026, 2027} {
		if years[year] == 0 {
			f.add("holidays", "has none in %d", year)
		}
	}
}

func (f *fileProblems) payoutRule(in payoutRuleFile) CountryPayout {
	p := CountryPayout{Method: oneOf(f, "payout", in.Method, payoutMethods...)}
	where := "payout." + in.Method
	p.Hours = f.hours(where+".hours", in.Hours)
	for _, name := range in.Beneficiary {
		p.Beneficiary = append(p.Beneficiary, f.partyField(where+".beneficiary", name))
	}
	noRepeats(f, where+".beneficiary", p.Beneficiary, false)
	var names []string
	for _, field := range in.Account {
		p.Account = append(p.Account, f.field(where+".account", field))
		names = append(names, field.Name)
	}
	noRepeats(f, where+".account", names, p.Method != remit.PayoutCash)
	return p
}

// hours reads "always", "09:00-15:30" or "daily 08:00-19:00".
func (f *fileProblems) hours(where, text string) Hours {
	if text == "always" {
		return Hours{}
	}
	window, everyDay := strings.CutPrefix(text, "daily ")
	from, to, _ := strings.Cut(window, "-")
	opens, err1 := time.Parse("15:04", from)
	closes, err2 := time.Parse("15:04", to)
	if err1 != nil || err2 != nil || !opens.Before(closes) {
		f.add(where, "%q is neither always nor hours such as 09:00-15:30 or daily 08:00-19:00", clip(text))
		return Hours{}
	}
	return Hours{OpensMinute: opens.Hour()*60 + opens.Minute(), ClosesMinute: closes.Hour()*60 + closes.Minute(), EveryDay: everyDay}
}

func (f *fileProblems) field(where string, in fieldFile) Field {
	where += "." + in.Name
	out := Field{
		Name: in.Name, Title: in.Title, Description: in.Description, Pattern: in.Pattern, Values: in.Values,
		MinLength: max(in.MinLength, 1), MaxLength: in.MaxLength, Format: in.Check, Example: in.Example, Optional: in.Optional,
	}
	if !fieldName.MatchString(in.Name) {
		f.add(where, "the name is not lower case with underscores")
	}
	if in.Title == "" {
		f.add(where+".title", "is missing")
	}
	if in.MaxLength < out.MinLength || in.MaxLength > maxFieldLength {
		f.add(where+".max_length", "%d is not from %d to %d", in.MaxLength, out.MinLength, maxFieldLength)
	}
	if in.Pattern != "" && (!strings.HasPrefix(in.Pattern, "^") || !strings.HasSuffix(in.Pattern, "$")) {
		f.add(where+".pattern", "is not anchored at both ends")
	}
	if _, err := regexp.Compile(in.Pattern); err != nil {
		f.add(where+".pattern", "%v", err)
	}
	if in.Pattern == "" && len(in.Values) == 0 && in.Check == "" {
		f.add(where, "has neither a pattern nor values nor a check")
	}
	if in.Check != "" && !knownFormat(in.Check) {
		f.add(where+".check", "%q is not a check the gateway has", clip(in.Check))
	}
	if in.Example == "" && len(in.Values) == 0 {
		f.add(where+".example", "is missing")
	}
	noRepeats(f, where+".values", in.Values, false)
	return out
}

func (f *fileProblems) partyField(where, name string) string {
	if !slices.ContainsFunc(partyFields, func(p Field) bool { return p.Name == name }) {
		f.add(where, "%q is not a field of a party", clip(name))
	}
	return name
}

func (f *fileProblems) thresholds(currency remit.Asset, in []thresholdFile) []Threshold {
	var list []Threshold
	for _, t := range in {
		out := Threshold{From: f.money("thresholds.from", currency, t.From)}
		for _, name := range t.Originator {
			out.Originator = append(out.Originator, f.partyField("thresholds.originator", name))
		}
		for _, name := range t.Beneficiary {
			out.Beneficiary = append(out.Beneficiary, f.partyField("thresholds.beneficiary", name))
		}
		if len(list) > 0 && out.From.Minor <= list[len(list)-1].From.Minor {
			f.add("thresholds.from", "%s does not rise", out.From)
		}
		list = append(list, out)
	}
	return list
}
