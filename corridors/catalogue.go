package corridors

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/openremit/remit"
)

//go:embed data
var embedded embed.FS

// Catalogue holds the countries, the coins and the corridors. It is safe for concurrent use
// and never changes.
type Catalogue struct {
	countries map[remit.Country]Country
	coins     map[string]Coin
	corridors map[remit.CorridorID]Corridor
	order     []remit.CorridorID
	schemas   schemaCache
}

// Load returns the catalogue that ships with the gateway. The error names
// everything that is wrong with the data at once.
func Load() (*Catalogue, error) {
	data, err := fs.Sub(embedded, "data")
	if err != nil {
		return nil, fmt.Errorf("open embedded corridor data: %w", err)
	}
	return LoadFS(data)
}

// Corridors returns all corridors, by id.
func (c *Catalogue) Corridors() []Corridor {
	list := make([]Corridor, 0, len(c.order))
	for _, id := range c.order {
		list = append(list, c.corridors[id].clone())
	}
	return list
}

// Corridor returns one corridor. Errors: not_found with
// ReasonUnknownCorridor.
func (c *Catalogue) Corridor(id remit.CorridorID) (Corridor, error) {
	corridor, ok := c.corridors[id]
	if !ok {
		return Corridor{}, remit.Errorf(remit.KindNotFound, remit.ReasonUnknownCorridor,
			"there is no corridor %q; the corridors are %s", clip(string(id)), join(c.order))
	}
	return corridor.clone(), nil
}

// Between returns the corridor from one country to another. Errors: invalid,
// naming the field from or to, with ReasonUnknownCountry or
// ReasonUnknownCorridor.
func (c *Catalogue) Between(from, to remit.Country) (Corridor, error) {
	corridor, fields := c.between(from, to)
	if len(fields) > 0 {
		return Corridor{}, remit.InvalidFields(fields)
	}
	return corridor.clone(), nil
}

func (c *Catalogue) between(from, to remit.Country) (Corridor, []remit.FieldError) {
	var fields []remit.FieldError
	for _, end := range []struct {
		field   string
		country remit.Country
	}{{"from", from}, {"to", to}} {
		switch _, known := c.countries[end.country]; {
		case end.country == "":
			fields = append(fields, fieldError(end.field, remit.ReasonFieldRequired,
				"%s is missing; write the country's two-letter ISO 3166 code, such as US", end.field))
		case !known:
			fields = append(fields, fieldError(end.field, remit.ReasonUnknownCountry,
				"%q is not a country this gateway serves; write one of %s", clip(string(end.country)), join(c.countryCodes())))
		}
	}
	if len(fields) > 0 {
		return Corridor{}, fields
	}
	corridor, ok := c.corridors[remit.NewCorridorID(from, to)]
	if !ok {
		return Corridor{}, []remit.FieldError{fieldError("to", remit.ReasonUnknownCorridor,
			"nothing can be sent from %s to %s; the corridors are %s", from, to, join(c.order))}
	}
	return corridor, nil
}

// Countries returns all countries, by code.
func (c *Catalogue) Countries() []Country {
	list := make([]Country, 0, len(c.countries))
	for _, code := range c.countryCodes() {
		list = append(list, c.countries[code])
	}
	return list
}

// Country returns one country. Errors: not_found with ReasonUnknownCountry.
func (c *Catalogue) Country(code remit.Country) (Country, error) {
	country, ok := c.countries[code]
	if !ok {
		return Country{}, remit.Errorf(remit.KindNotFound, remit.ReasonUnknownCountry,
			"%q is not a country this gateway serves", clip(string(code)))
	}
	return country, nil
}

func (c *Catalogue) countryCodes() []remit.Country {
	codes := make([]remit.Country, 0, len(c.countries))
	for code := range c.countries {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// fieldError is one thing wrong with one field.
func fieldError(field string, reason remit.Reason, format string, args ...any) remit.FieldError {
	return remit.FieldError{Field: field, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// join writes a list for people.
func join[T ~string](list []T) string {
	texts := make([]string, len(list))
	for i, item := range list {
		texts[i] = string(item)
	}
	return strings.Join(texts, ", ")
}

// clip shortens text from outside before it is quoted in a message.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
