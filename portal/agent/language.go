package agent

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/openremit/remit/portal"
	v1 "github.com/openremit/remit/proto/remit/v1"
)

//go:embed messages
var messageFiles embed.FS

// Languages are the portal's, the first for readers of none of them.
var Languages = []string{"en", "es", "fr", "ar", "fil", "hi", "sw"}

// languages are the catalogues with what chooses among them.
type languages struct {
	texts   map[string]map[string]string
	matcher language.Matcher
}

func readLanguages() (*languages, error) {
	l := &languages{texts: make(map[string]map[string]string)}
	var tags []language.Tag
	for _, code := range Languages {
		file, err := messageFiles.ReadFile("messages/" + code + ".json")
		if err != nil {
			return nil, fmt.Errorf("read messages: %w", err)
		}
		texts := make(map[string]string)
		if err := json.Unmarshal(file, &texts); err != nil {
			return nil, fmt.Errorf("read messages in %s: %w", code, err)
		}
		l.texts[code] = texts
		tags = append(tags, language.MustParse(code))
	}
	l.matcher = language.NewMatcher(tags)
	return l, nil
}

// of chooses a request's language: the one that was chosen here, else what the
// browser asks for. country is where the counter is, empty when not known.
func (l *languages) of(r *http.Request, country string) *Words {
	code := ""
	if cookie, err := r.Cookie(languageCookie); err == nil && l.texts[cookie.Value] != nil {
		code = cookie.Value
	}
	if code == "" {
		wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
		if err != nil {
			wanted = nil
		}
		_, at, _ := l.matcher.Match(wanted...)
		code = Languages[at]
	}
	return l.words(code, country)
}

func (l *languages) words(code, country string) *Words {
	tag := language.MustParse(code)
	if region, err := language.ParseRegion(country); err == nil {
		if local, err := language.Compose(tag, region); err == nil {
			tag = local
		}
	}
	w := &Words{Code: code, texts: l.texts[code], fallback: l.texts[Languages[0]], printer: message.NewPrinter(tag), zone: time.UTC}
	w.digits = make([]string, 10)
	for i := range w.digits {
		w.digits[i] = w.printer.Sprint(number.Decimal(i))
	}
	w.point = strings.Trim(w.printer.Sprint(number.Decimal(1, number.Scale(1))), w.digits[0]+w.digits[1])
	return w
}

// Words writes for one reader: texts, numbers, money and times.
type Words struct {
	// Code is the language's, such as fil.
	Code            string
	texts, fallback map[string]string
	printer         *message.Printer
	digits          []string
	point           string
	zone            *time.Location
}

// Direction is ltr or rtl.
func (w *Words) Direction() string { return w.T("language.direction") }

// Has reports whether there is a text of a key.
func (w *Words) Has(key string) bool { return w.fallback[key] != "" }

// T returns the text of a key. Names and values in pairs replace {name} in it.
func (w *Words) T(key string, pairs ...any) string {
	text := w.texts[key]
	if text == "" {
		text = w.fallback[key]
	}
	if text == "" {
		return key
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+fmt.Sprint(pairs[i])+"}", fmt.Sprint(pairs[i+1]))
	}
	return text
}

// symbols are the signs of currencies that mean one currency only. All others
// are written by their code.
var symbols = map[string]string{
	"PHP": "₱", "INR": "₹", "NGN": "₦", "GHS": "GH₵", "VND": "₫", "BDT": "৳", "EUR": "€", "KES": "KSh",
}

// Money writes an amount by the locale, with a sign that tells the currency.
func (w *Words) Money(m *v1.Money) string {
	if m.GetCurrency() == "" {
		return ""
	}
	sign := symbols[m.GetCurrency()]
	if sign == "" {
		sign = m.GetCurrency()
	}
	return sign + "\u00a0" + w.Amount(m.GetAmount())
}

// CodeOf is the code of a currency whose sign does not already say it.
func (w *Words) CodeOf(m *v1.Money) string {
	if symbols[m.GetCurrency()] == "" {
		return ""
	}
	return m.GetCurrency()
}

// Amount writes a decimal such as 11220.50 by the locale.
func (w *Words) Amount(decimal string) string {
	minus := ""
	if rest, negative := strings.CutPrefix(decimal, "-"); negative {
		minus, decimal = "\u2212", rest
	}
	whole, fraction, found := strings.Cut(decimal, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return minus + decimal
	}
	text := minus + w.Number(n)
	if found {
		text += w.point + w.Digits(fraction)
	}
	return text
}

// Number writes a count by the locale.
func (w *Words) Number(n int64) string { return w.printer.Sprint(number.Decimal(n)) }

// Digits writes digits as the locale does and leaves all else.
func (w *Words) Digits(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r >= '0' && r <= '9' {
			out.WriteString(w.digits[r-'0'])
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// in returns the same words with times of a zone; a zone that is not known is UTC.
func (w *Words) in(zone string) *Words {
	other := *w
	if place, err := time.LoadLocation(zone); err == nil && zone != "" {
		other.zone = place
	}
	return &other
}

// Date writes a day such as 21 November 2026.
func (w *Words) Date(at time.Time) string {
	at = at.In(w.zone)
	months := strings.Split(w.T("date.months"), ",")
	return w.T("date.day", "day", w.Digits(strconv.Itoa(at.Day())), "month", months[int(at.Month())-1], "year", w.Digits(strconv.Itoa(at.Year())))
}

// Clock writes the time of day on the outlet's wall.
func (w *Words) Clock(at time.Time) string { return w.Digits(at.In(w.zone).Format("15:04")) }

// Moment writes day and time.
func (w *Words) Moment(t *timestamppb.Timestamp) template.HTML { return w.timeTag(t, true) }

// Hour writes the time of day.
func (w *Words) Hour(t *timestamppb.Timestamp) template.HTML { return w.timeTag(t, false) }

// DayOf writes the day.
func (w *Words) DayOf(t *timestamppb.Timestamp) string {
	if t == nil {
		return "–"
	}
	return w.Date(t.AsTime())
}

func (w *Words) timeTag(t *timestamppb.Timestamp, day bool) template.HTML {
	if t == nil {
		return "–"
	}
	at := t.AsTime()
	text := w.Clock(at)
	if day {
		text = w.T("date.moment", "day", w.Date(at), "time", text)
	}
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s">%s</time>`,
		at.UTC().Format(time.RFC3339), portal.Exact(at), template.HTMLEscapeString(text)))
}

// plainDigits makes ASCII digits of those of other scripts, as people type them.
func plainDigits(text string) string {
	return strings.Map(func(r rune) rune {
		for _, zero := range []rune{'٠', '۰', '०', '০'} {
			if r >= zero && r <= zero+9 {
				return '0' + r - zero
			}
		}
		return r
	}, text)
}
