// Package layout holds the test that keeps the house in order: who may import
// whom, and why not.
package layout
