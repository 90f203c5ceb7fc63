package name

import "strings"

// fatherEnds are the ends of fathers' names as languages spell them, longest first.
var fatherEnds = strings.Fields("owitsch ewitsch jewitsch ovitsch evitsch ovitch evitch yevich jevich ievich ovich evich avich ovych evych yovych owicz ewicz " +
	"ovitj evitj ovits evits ovic evic avic yevna jevna ievna ovna evna ivna avna auna owna ewna")

// Father returns the given name from which a father's name of the east Slavs is
// made, roughly: vladimir for Vladimirovich and Vladimirovna; empty for other words.
func Father(text string) string {
	if len(text) < 7 {
		return ""
	}
	switch c := text[len(text)-1]; c {
	case 'a', 'h', 'z', 'c', 'j', 's':
	default:
		return ""
	}
	for _, end := range fatherEnds {
		if stem, ok := strings.CutSuffix(text, end); ok && len(stem) >= 3 {
			return stem
		}
	}
	return ""
}
