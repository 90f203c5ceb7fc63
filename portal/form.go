package portal

import "strings"

// Prose reads what somebody wrote in a field of several lines: browsers end lines
// with carriage return and line feed, and what is stored has line feeds only.
func Prose(text string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
}
