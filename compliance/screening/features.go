package screening

// feature is one property of a match that takes points off a perfect score.
// Values are basis points.
type feature uint8

const (
	// featMissing is the share of the asked name, by weight, that is not listed.
	featMissing feature = iota
	// featMore, featMoreInside and featMoreThing are the same where all of the
	// listed name was asked for: of persons, of persons where it stands between
	// words that are listed, and of others.
	featMore
	featMoreInside
	featMoreThing
	// featFuzzy is how far the asked words are from the listed ones, featFuzzyKnown
	// that of words that are listed as they were asked too, and so are hardly
	// mistakes, featFuzzyBare that of words without vowels.
	featFuzzy
	featFuzzyKnown
	featFuzzyBare
	// featPoor is how far beyond what a typing error makes of a word.
	featPoor
	// featWorst is how far that word is that is furthest.
	featWorst
	// featLeft is the share of the listed name that was not asked for.
	featLeft
	// featLeftMiddle is the same of middle names with the others found.
	featLeftMiddle
	// featFamily is the share of the listed family name where none of it was asked for.
	featFamily
	// featThin is how little the words found tell, at most 10,000.
	featThin
	// featThinMiss is featThin of names that miss something.
	featThinMiss
	// featThinFuzzy is featThin of names spelt otherwise.
	featThinFuzzy
	// featOrder: the words stand in another order than the list allows.
	featOrder
	// featSyllables: the syllables of a Chinese or Korean name stand in another order
	// than with the family name first or last.
	featSyllables
	// featShort is the share of a Chinese or Korean name that was not asked for: who
	// has one syllable of two is somebody else.
	featShort
	// featInitial is the share of words of which only the initial was compared.
	featInitial
	// featInitialFuzzy is how far words are from the listed ones beside initials.
	featInitialFuzzy
	// featSingle: only one telling word of several was found.
	featSingle
	featWeak
	featKind
	featVessel
	// featPatronymic: both names have a father's name, and it is not the same.
	featPatronymic
	// featNamesake: given and father's name agree, the family names do not.
	featNamesake
	// featStripped: what is left of a name without titles and Abu is one word.
	featStripped
	// featGiven: the listed given name was not asked for, but another of its names was.
	featGiven
	// featGeneric is how far names of companies differ of which only common words agree.
	featGeneric
	featCount
)

// featureNames are what people read.
var featureNames = [featCount]string{
	featMissing: "asked words not listed",
	featMore:    "asked words beside the whole listed name", featMoreInside: "asked words amid the whole listed name",
	featMoreThing: "asked words beside the whole listed name of a company",
	featFuzzy:     "spelling differs", featFuzzyKnown: "spelling differs and is another listed word", featFuzzyBare: "vowels are not written",
	featPoor: "spelling differs much", featWorst: "one word differs most",
	featLeft: "listed words not asked", featLeftMiddle: "listed middle names not asked",
	featFamily: "listed family name not asked",
	featThin:   "common words only", featThinMiss: "common words and others missing", featThinFuzzy: "common words and spelling differs",
	featOrder: "word order", featSyllables: "order of syllables", featShort: "syllables not asked", featInitial: "initials only", featInitialFuzzy: "initials only and spelling differs", featSingle: "one word of several", featWeak: "weak alias",
	featKind: "person against company", featVessel: "the entry is a vessel",
	featPatronymic: "father's name differs", featNamesake: "given and father's name only", featStripped: "one word beside titles",
	featGiven: "listed given name not asked", featGeneric: "common words of companies only",
}
