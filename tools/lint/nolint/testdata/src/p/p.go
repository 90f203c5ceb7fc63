package p

var a1 int // want `name a1`

var a2 int //nolint:shout // it is meant to be here

//nolint:shout,other // it is meant to be here too
var a3 int

//nolint:other // this silences another analyzer
var a4 int // want `name a4`

//nolint:shout // only the next line is silenced

var a5 int // want `name a5`
