package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openremit/remit"
	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
)

// screenQuery is one line of what `remit screen` reads.
type screenQuery struct {
	id    json.RawMessage
	asked screening.Query
	// warnings tell what of the line was not compared, or how it was read.
	warnings []string
}

func (q *screenQuery) warn(text string, args ...any) {
	q.warnings = append(q.warnings, fmt.Sprintf(text, args...))
}

// errors of a line as a whole.
var (
	errScreenEmpty = errors.New(`the line is empty; write one query a line, such as {"id":"1","name":"Jane Roe"}`)
	errScreenText  = errors.New("the line is not in UTF-8")
	errScreenShape = errors.New(`the line is no JSON object; write {"id":"1","name":"Jane Roe"}`)
)

// readQuery reads a line. With an error the id is set where it could be read.
func readQuery(line []byte, today time.Time) (screenQuery, error) {
	var q screenQuery
	switch {
	case len(bytes.TrimSpace(line)) == 0:
		return q, errScreenEmpty
	case !utf8.Valid(line):
		if fields, _, err := members(bytes.ToValidUTF8(line, []byte("?"))); err == nil && bytes.Contains(line, fields["id"]) {
			q.id = fields["id"]
		}
		return q, errScreenText
	}
	fields, order, err := members(line)
	q.id = fields["id"]
	if err != nil {
		return q, err
	}
	for _, name := range order {
		read := queryFields[name]
		if read == nil {
			q.warn("%s: there is no such field; the fields are id, name, type, dob, country, gender and doc", clipped(name))
			continue
		}
		if err := read(&q, fields[name], today); err != nil {
			return q, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(q.asked.Names) == 0 {
		return q, errors.New(`name: it is missing; write "name":"Jane Roe"`)
	}
	return q, nil
}

// members reads an object's fields, with their names in lower case. Errors are
// for people who wrote the line.
func members(line []byte) (fields map[string]json.RawMessage, order []string, err error) {
	fields = map[string]json.RawMessage{}
	decoder := json.NewDecoder(bytes.NewReader(line))
	if first, err := decoder.Token(); err != nil || first != json.Delim('{') {
		return fields, nil, errScreenShape
	}
	for decoder.More() {
		key, err := decoder.Token()
		text, ok := key.(string)
		if err != nil || !ok {
			return fields, nil, badJSON(err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return fields, nil, badJSON(err)
		}
		text = strings.ToLower(text)
		if _, twice := fields[text]; twice {
			return fields, nil, fmt.Errorf("%s: the field is there twice", clipped(text))
		}
		fields[text] = value
		order = append(order, text)
	}
	if _, err := decoder.Token(); err != nil {
		return fields, nil, badJSON(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fields, nil, errors.New("there is more on the line after the query")
	}
	return fields, order, nil
}

// badJSON says where JSON is wrong, without the words of programmers.
func badJSON(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && syntax.Offset > 0 && !strings.Contains(syntax.Error(), "unexpected end") {
		return fmt.Errorf("the line is no JSON: %s at byte %d", syntax.Error(), syntax.Offset)
	}
	return errors.New("the line is no JSON: it ends within the query")
}

// queryFields read the fields of a line.
var queryFields = map[string]func(q *screenQuery, value json.RawMessage, today time.Time) error{
	"id": func(*screenQuery, json.RawMessage, time.Time) error { return nil },
	"name": func(q *screenQuery, value json.RawMessage, _ time.Time) error {
		text, err := textOf(value)
		if err == nil {
			q.asked.Names = []string{text}
		}
		return err
	},
	"type": func(q *screenQuery, value json.RawMessage, _ time.Time) error {
		text, err := textOf(value)
		kind, known := queryKinds[strings.ToLower(text)]
		if err == nil && !known {
			err = fmt.Errorf("%s is none; write person, company, vessel, aircraft or unknown", clipped(text))
		}
		q.asked.Kind = kind
		return err
	},
	"dob":     readDOB,
	"country": readCountry,
	"gender": func(q *screenQuery, value json.RawMessage, _ time.Time) error {
		text, err := textOf(value)
		switch strings.ToLower(text) {
		case "male", "m":
			q.asked.Gender = "male"
		case "female", "f":
			q.asked.Gender = "female"
		case "", "unknown":
		default:
			q.warn("gender: %s is none and was not compared; write male or female", clipped(text))
		}
		return err
	},
	"doc": readDoc,
}

var queryKinds = map[string]list.Kind{
	"person": list.Person, "individual": list.Person, "company": list.Company, "entity": list.Company, "organisation": list.Company,
	"organization": list.Company, "vessel": list.Vessel, "aircraft": list.Aircraft, "": "", "unknown": "",
}

// readDOB reads a date of birth. One that is none is left out with a warning: the
// name is compared all the same.
func readDOB(q *screenQuery, value json.RawMessage, today time.Time) error {
	text, err := scalarOf(value)
	if err != nil || text == "" {
		return err
	}
	born, or, err := screening.ParseBirth(text, today.Year())
	if err != nil {
		q.warn("dob: %s was not compared: %s", clipped(text), err)
		return nil
	}
	q.asked.Born, q.asked.OrBorn = born, or
	if or.Year != 0 {
		q.warn("dob: %s may be %s or %s, and both were compared; write one of them", clipped(text), born, or)
	}
	return nil
}

func readCountry(q *screenQuery, value json.RawMessage, _ time.Time) error {
	text, err := textOf(value)
	if err != nil || text == "" {
		return err
	}
	code, ok := list.CountryOf(text)
	switch {
	case !ok:
		q.warn("country: %s is none and was not compared; write a code of two letters, such as RU", clipped(text))
	case !strings.EqualFold(text, string(code)):
		q.warn("country: %s was read as %s; write the code of two letters", clipped(text), code)
	}
	if ok {
		q.asked.Countries = []remit.Country{code}
	}
	return nil
}

func readDoc(q *screenQuery, value json.RawMessage, _ time.Time) error {
	if string(value) == "null" {
		return nil
	}
	fields, order, err := members(value)
	if err != nil {
		return errors.New(`it is no object; write {"type":"passport","number":"A1234567"}`)
	}
	var d list.Document
	for _, name := range order {
		text, err := scalarOf(fields[name])
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		case name == "type":
			d.Type = strings.ToLower(text)
			if d.Type != "" && !slices.Contains(list.DocumentTypes(), d.Type) {
				q.warn("doc: type %s is none; write one of %s; the number was compared", clipped(text), strings.Join(list.DocumentTypes(), ", "))
			}
		case name == "number":
			d.Number = text
		default:
			q.warn("doc: there is no field %s; the fields are type and number", clipped(name))
		}
	}
	if d.Number == "" {
		q.warn(`doc: it has no number; write "number":"A1234567"`)
		return nil
	}
	q.asked.Documents = []list.Document{d}
	return nil
}

// textOf reads a text; null stands for an empty one.
func textOf(value json.RawMessage) (string, error) {
	var text *string
	if err := json.Unmarshal(value, &text); err != nil {
		return "", errors.New("it is no text; write it between quotation marks")
	}
	if text == nil {
		return "", nil
	}
	return strings.TrimSpace(*text), nil
}

// scalarOf reads a text, or a number as it is written.
func scalarOf(value json.RawMessage) (string, error) {
	if text := string(value); text != "" && (text[0] == '-' || text[0] >= '0' && text[0] <= '9') {
		return text, nil
	}
	return textOf(value)
}

// clipped quotes what somebody wrote, at a length that can be read.
func clipped(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
