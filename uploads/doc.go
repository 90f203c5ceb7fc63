// Package uploads looks at files that people send before anything else does: it
// recognises them by what is in them, never by their name, and makes photos
// harmless and small.
//
// [Recognise] takes files that are whole and of one kind only. [Photos] reads a
// photo of a document and makes a new picture of it: upright, at most
// [MaxPhotoSide] pixels wide and high, without place, time, device or anything
// else that a camera writes beside the picture.
package uploads
