// Package list reads sanctions lists: the files of OFAC, the United Nations,
// the European Union, the United Kingdom and OpenSanctions, and lists of one's
// own, each recognised by its content. Read makes [Entry] values of whatever
// files a folder holds, and says which list each came from and in which version.
package list
