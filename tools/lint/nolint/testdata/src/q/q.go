package q

/* want `write //nolint:name // reason` */ //nolint
var a int

/* want `write //nolint:name // reason` */ //nolint:errorlint
var b int

//nolint:errorlint // compared by identity on purpose
var c int
