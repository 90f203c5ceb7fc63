// Package name reads names of persons, companies and ships in any common script
// as words of the letters a to z and digits, says what each word is (a name, a
// particle, a title, a form of company), and how like two words are.
//
// Cyrillic, Greek, Armenian, Georgian, Arabic, Hebrew, Han, Kana, Hangul, Thai,
// Ethiopic and the Indian scripts are written in Latin letters. Words from scripts
// that write no short vowels are marked bare and compared by their consonants.
// A name in a script that is not read is an error: it was not compared, which
// must never look like clean.
package name
