package uploads

import (
	"bytes"
	"encoding/binary"
)

// orientation is how a camera held a JPEG, as EXIF numbers it; 1, upright, for
// all that does not say.
func orientation(content []byte) int {
	const upright, entry = 1, 12
	tiff := exif(content)
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return upright
	}
	list := tiff[at+2:]
	for n := int(order.Uint16(tiff[at:])); n > 0 && len(list) >= entry; n-- {
		const tag, short = 0x0112, 3
		if order.Uint16(list) == tag && order.Uint16(list[2:]) == short {
			return int(order.Uint16(list[8:]))
		}
		list = list[entry:]
	}
	return upright
}

// exif returns the EXIF data of a JPEG, nil where it has none. It walks the
// segments before the picture.
func exif(content []byte) []byte {
	const marker, scan, app1 = 0xff, 0xda, 0xe1
	if len(content) < 2 || content[0] != marker || content[1] != 0xd8 {
		return nil
	}
	for at := 2; at+4 <= len(content) && content[at] == marker && content[at+1] != scan; {
		size := int(binary.BigEndian.Uint16(content[at+2:]))
		if size < 2 || at+2+size > len(content) {
			return nil
		}
		body := content[at+4 : at+2+size]
		if tiff, is := bytes.CutPrefix(body, []byte("Exif\x00\x00")); is && content[at+1] == app1 {
			return tiff
		}
		at += 2 + size
	}
	return nil
}
