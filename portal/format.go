package portal

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	v1 "github.com/openremit/remit/proto/remit/v1"
)

// minusSign is the sign of negative amounts; a hyphen is no minus.
const minusSign = "−"

// Amount writes money for people: "USD 11,220.50", with the code in front and
// groups of three. A settlement asset is written by its common code, with its
// decimals as far as they tell something.
func Amount(m *v1.Money) string {
	if m.GetCurrency() == "" {
		return ""
	}
	code, _, onRail := strings.Cut(m.GetCurrency(), "_")
	digits := m.GetAmount()
	if whole, fraction, found := strings.Cut(digits, "."); found && (onRail || len(fraction) > 4) {
		for len(fraction) > 2 && fraction[len(fraction)-1] == '0' {
			fraction = fraction[:len(fraction)-1]
		}
		digits = whole + "." + fraction
	}
	return code + "\u00a0" + grouped(digits)
}

// AmountText rewrites an amount that the API wrote as text, such as "USD
// 11220.50"; anything else stays as it is.
func AmountText(text string) string {
	code, digits, found := strings.Cut(text, " ")
	if !found || code == "" || strings.Trim(digits, "-0123456789.") != "" || strings.ToUpper(code) != code {
		return text
	}
	return Amount(&v1.Money{Currency: code, Amount: digits})
}

// grouped sets a comma between each three digits before the point.
func grouped(digits string) string {
	sign := ""
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		sign, digits = minusSign, rest
	}
	whole, fraction, found := strings.Cut(digits, ".")
	var out strings.Builder
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(c)
	}
	if found {
		out.WriteString("." + fraction)
	}
	return sign + out.String()
}

// Number writes a count with groups of three.
func Number(n int64) string { return grouped(strconv.FormatInt(n, 10)) }

// Percent writes basis points as a percentage with one decimal: 9245 is "92.5".
func Percent(basisPoints int32) string {
	sign := ""
	if basisPoints < 0 {
		sign, basisPoints = minusSign, -basisPoints
	}
	tenths := (basisPoints + 5) / 10
	return sign + strconv.Itoa(int(tenths/10)) + "." + strconv.Itoa(int(tenths%10))
}

// Share writes part of whole as a percentage with one decimal, and a dash where
// there is no whole.
func Share(part, whole int64) string {
	if whole == 0 {
		return "–"
	}
	tenths := (part*1000 + whole/2) / whole
	return strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10) + "\u00a0%"
}

// span is a length of time in the two units that tell most, at most "3 d 4 h".
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "under a minute"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		if minutes := int(d.Minutes()) % 60; minutes > 0 && d < 6*time.Hour {
			return fmt.Sprintf("%d h %d min", int(d.Hours()), minutes)
		}
		return fmt.Sprintf("%d h", int(d.Hours()))
	case d < 4*24*time.Hour && int(d.Hours())%24 > 0:
		return fmt.Sprintf("%d d %d h", int(d.Hours())/24, int(d.Hours())%24)
	default:
		return fmt.Sprintf("%d d", int(d.Hours())/24)
	}
}

// Relative writes a moment as people say it, seen from now.
func Relative(at, now time.Time) string {
	switch d := now.Sub(at); {
	case d < 0 && d > -time.Minute, d >= 0 && d < time.Minute:
		return "just now"
	case d < 0:
		return "in " + span(-d)
	case d < 24*time.Hour:
		return roughly(d) + " ago"
	case d < 7*24*time.Hour:
		return fmt.Sprintf("%d d ago", int(d.Hours())/24)
	default:
		return at.UTC().Format("2 Jan 2006")
	}
}

func roughly(d time.Duration) string {
	if d < time.Hour {
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}

// Exact writes a moment in full, in UTC.
func Exact(at time.Time) string { return at.UTC().Format("2 Jan 2006, 15:04:05 UTC") }

// ISO writes a moment as exports have it.
func ISO(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().UTC().Format(time.RFC3339Nano)
}

// timeTag writes a moment so that the script can tell it in the reader's zone.
func timeTag(t *timestamppb.Timestamp, kind, text string) template.HTML {
	return template.HTML(fmt.Sprintf(`<time datetime="%s" data-time="%s" title="%s">%s</time>`,
		t.AsTime().UTC().Format(time.RFC3339), kind, Exact(t.AsTime()), template.HTMLEscapeString(text)))
}

// ShortID keeps the beginning and the end of an id: the prefix says what it is,
// the end is where ids of the same day differ.
func ShortID(id string) string {
	if len(id) <= 16 {
		return id
	}
	prefix, _, _ := strings.Cut(id, "_")
	if len(prefix) > 4 {
		return id[:6] + "…" + id[len(id)-6:]
	}
	return prefix + "_…" + id[len(id)-6:]
}

// idTag writes an id shortened, with a button that copies the whole of it.
func idTag(id string) template.HTML {
	if id == "" {
		return ""
	}
	full := template.HTMLEscapeString(id)
	return template.HTML(fmt.Sprintf(
		`<span class="id"><code title="%s">%s</code><button type="button" class="copy" data-copy="%s" hidden><span class="sr">Copy %s</span></button></span>`,
		full, template.HTMLEscapeString(ShortID(id)), full, template.HTMLEscapeString(ShortID(id))))
}
