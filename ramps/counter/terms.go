package counter

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/openremit/remit"
)

//go:embed data/terms.json
var termsData []byte

// defaultLanguage is the one that every text is written in.
const defaultLanguage = "en"

// Question is one question of the warning, in one language.
type Question struct {
	ID, Text string
	// Risky is the answer that is a sign of fraud: yes or no.
	Risky string
}

// Clause is one thing that a customer is told of a quote, in one language.
type Clause struct{ ID, Text string }

// TermsText is the warning against fraud and the disclosures in one language.
type TermsText struct {
	Version, Language string
	Title, Text       string
	Questions         []Question
	Disclosures       []Clause
}

// Terms are what customers who pay in cash are told, in every language. Texts of
// a version never change: what was accepted can be read again from its version.
type Terms struct {
	version   string
	questions []Question
	clauses   []string
	texts     map[string]termsText
}

type termsText struct {
	Title       string            `json:"title"`
	Text        string            `json:"text"`
	Questions   map[string]string `json:"questions"`
	Disclosures map[string]string `json:"disclosures"`
}

// LoadTerms reads the texts that ship with the gateway. It errs when one of them
// is missing in some language.
func LoadTerms() (*Terms, error) {
	var file struct {
		Version   string `json:"version"`
		Questions []struct {
			ID    string `json:"id"`
			Risky string `json:"risky"`
		} `json:"questions"`
		Disclosures []string             `json:"disclosures"`
		Texts       map[string]termsText `json:"texts"`
	}
	if err := json.Unmarshal(termsData, &file); err != nil {
		return nil, fmt.Errorf("read the terms of cash: %w", err)
	}
	t := &Terms{version: file.Version, clauses: file.Disclosures, texts: file.Texts}
	for _, q := range file.Questions {
		t.questions = append(t.questions, Question{ID: q.ID, Risky: q.Risky})
	}
	if _, there := t.texts[defaultLanguage]; !there || t.version == "" || len(t.questions) == 0 || len(t.clauses) == 0 {
		return nil, fmt.Errorf("the terms of cash have no version, question, disclosure or %s", defaultLanguage)
	}
	for language, text := range t.texts {
		for _, q := range t.questions {
			if text.Questions[q.ID] == "" || (q.Risky != answerYes && q.Risky != answerNo) {
				return nil, fmt.Errorf("the terms of cash lack question %q in %s", q.ID, language)
			}
		}
		for _, id := range t.clauses {
			if text.Disclosures[id] == "" {
				return nil, fmt.Errorf("the terms of cash lack disclosure %q in %s", id, language)
			}
		}
	}
	return t, nil
}

// The answers to questions.
const (
	answerYes = "yes"
	answerNo  = "no"
)

// Languages lists those that the terms are written in, sorted.
func (t *Terms) Languages() []string { return slices.Sorted(maps.Keys(t.texts)) }

// In returns the terms in a language, such as es or es-CO, else in English.
func (t *Terms) In(language string) TermsText {
	language, _, _ = strings.Cut(strings.ToLower(language), "-")
	text, there := t.texts[language]
	if !there {
		language, text = defaultLanguage, t.texts[defaultLanguage]
	}
	out := TermsText{Version: t.version, Language: language, Title: text.Title, Text: text.Text}
	for _, q := range t.questions {
		out.Questions = append(out.Questions, Question{ID: q.ID, Text: text.Questions[q.ID], Risky: q.Risky})
	}
	for _, id := range t.clauses {
		out.Disclosures = append(out.Disclosures, Clause{ID: id, Text: text.Disclosures[id]})
	}
	return out
}

// Shown is what a teller says a customer was shown and answered.
type Shown struct {
	WarningVersion, DisclosuresVersion, Language string
	Answers                                      map[string]string
	Accepted                                     []string
}

// check refuses a customer who was not warned with the text in force, or did not
// accept every disclosure. It reports whether an answer is a sign of fraud.
// Errors: invalid with ReasonWarningMissing, ReasonDisclosureMissing.
func (t *Terms) check(in Shown) (risky bool, err error) {
	if _, there := t.texts[in.Language]; !there {
		return false, remit.Invalid("language", remit.ReasonFieldInvalid, "say in which language the customer was shown the terms: one of %s", strings.Join(t.Languages(), ", "))
	}
	if in.WarningVersion != t.version {
		return false, remit.Invalid("warning_version", remit.ReasonWarningMissing, "show the customer the warning of version %s and write down the answers", t.version)
	}
	for _, q := range t.questions {
		switch in.Answers[q.ID] {
		case q.Risky:
			risky = true
		case answerYes, answerNo:
		default:
			return false, remit.Invalid("answers", remit.ReasonWarningMissing, "ask the customer %q and write down yes or no", q.ID)
		}
	}
	if in.DisclosuresVersion != t.version {
		return false, remit.Invalid("disclosures_version", remit.ReasonDisclosureMissing, "show the customer the disclosures of version %s", t.version)
	}
	for _, id := range t.clauses {
		if !slices.Contains(in.Accepted, id) {
			return false, remit.Invalid("accepted", remit.ReasonDisclosureMissing, "the customer must be told of and accept %q first", id)
		}
	}
	return risky, nil
}

// told are the records of what was shown, only what the terms know of.
func (t *Terms) told(in Shown, now time.Time) (warning, disclosures Told) {
	warning = Told{Version: t.version, Language: in.Language, Answers: make(map[string]string), At: now}
	for _, q := range t.questions {
		warning.Answers[q.ID] = in.Answers[q.ID]
	}
	return warning, Told{Version: t.version, Language: in.Language, Accepted: slices.Clone(t.clauses), At: now}
}
