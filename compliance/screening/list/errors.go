package list

import (
	"fmt"
	"strings"
)

// FileError says what is wrong with a list file, and where.
type FileError struct {
	// File is the path within the folder that was read.
	File string
	// Line counts from 1; it is 0 where the whole file is meant.
	Line int
	// Reason is for people, in lower case.
	Reason string
	// Err is the cause, if there is one beneath.
	Err error
}

// Error names the file, the line and the reason.
func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, " line %d", e.Line)
	}
	b.WriteString(": ")
	b.WriteString(e.Reason)
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// clip shortens text from a file before it is quoted in a message.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
