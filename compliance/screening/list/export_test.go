package list

// ParseBirth and UNNames let tests try single readers.
var (
	ParseBirth = parseBirth
	UNNames    = unNames
)

// WithStep has a function called before each step of an update that a crash may
// fall between; an error from it leaves all as it is.
func WithStep(s Settings, step func(string) error) Settings {
	s.step = step
	return s
}
