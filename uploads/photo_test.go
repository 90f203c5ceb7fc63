package uploads_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/openremit/remit/uploads"
)

// picture is red on the left half and blue on the right.
func picture(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{R: 0xff, A: 0xff}
			if x >= w/2 {
				c = color.RGBA{B: 0xff, A: 0xff}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func asJPEG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withEXIF puts a segment into a JPEG that says how it was held, and where.
func withEXIF(content []byte, orientation uint16) []byte {
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	tiff = binary.BigEndian.AppendUint16(tiff, orientation)
	tiff = append(tiff, "\x00\x00\x00\x00\x00\x00GPS 14.598 120.983"...)
	body := append([]byte("Exif\x00\x00"), tiff...)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2)) //nolint:gosec // Short.
	segment = append(segment, body...)
	return append(append(append([]byte{}, content[:2]...), segment...), content[2:]...)
}

func read(t *testing.T, content []byte) (uploads.Photo, image.Image) {
	t.Helper()
	p, err := uploads.NewPhotos(1).Read(t.Context(), content)
	if err != nil {
		t.Fatal(err)
	}
	m, format, err := image.Decode(bytes.NewReader(p.Content))
	if err != nil || format != "jpeg" {
		t.Fatalf("got %s and %v, want a JPEG", format, err)
	}
	if m.Bounds().Dx() != p.Width || m.Bounds().Dy() != p.Height || len(p.SHA256) != 64 {
		t.Fatalf("got %v, want what is said of it: %d × %d", m.Bounds(), p.Width, p.Height)
	}
	return p, m
}

// red reports whether a place is more red than blue.
func red(m image.Image, x, y int) bool {
	r, _, b, _ := m.At(x, y).RGBA()
	return r > b
}

func TestPhotoIsMadeAnew(t *testing.T) {
	t.Parallel()
	sent := withEXIF(asJPEG(t, picture(3200, 2400)), 1)
	if !bytes.Contains(sent, []byte("GPS 14.598")) {
		t.Fatal("the photo that is sent has no place")
	}
	p, m := read(t, sent)
	if p.Width != 1600 || p.Height != 1200 || bytes.Contains(p.Content, []byte("GPS")) || bytes.Contains(p.Content, []byte("Exif")) {
		t.Errorf("got %d × %d with %d bytes, want 1600 × 1200 without EXIF", p.Width, p.Height, len(p.Content))
	}
	if !red(m, 100, 600) || red(m, 1500, 600) {
		t.Error("the picture is another one")
	}
	small, _ := read(t, asPNG(t, picture(300, 400)))
	if small.Width != 300 || small.Height != 400 {
		t.Errorf("got %d × %d, want a small photo as it is", small.Width, small.Height)
	}
	_, clear := read(t, asPNG(t, image.NewNRGBA(image.Rect(0, 0, 300, 300))))
	if r, _, _, _ := clear.At(150, 150).RGBA(); r < 0xf000 {
		t.Errorf("what is transparent became %x, want white", r)
	}
}

func TestPhotoIsTurnedUpright(t *testing.T) {
	t.Parallel()
	for how, test := range map[uint16]struct {
		w, h       int
		redX, redY int
	}{
		1: {400, 300, 50, 150}, 2: {400, 300, 350, 150}, 3: {400, 300, 350, 150}, 4: {400, 300, 50, 150},
		5: {300, 400, 150, 50}, 6: {300, 400, 150, 50}, 7: {300, 400, 150, 350}, 8: {300, 400, 150, 350}, 9: {400, 300, 50, 150},
	} {
		p, m := read(t, withEXIF(asJPEG(t, picture(400, 300)), how))
		if p.Width != test.w || p.Height != test.h || !red(m, test.redX, test.redY) || red(m, test.w-1-test.redX, test.h-1-test.redY) && test.redX != test.w/2 {
			t.Errorf("held %d: got %d × %d, red there: %v", how, p.Width, p.Height, red(m, test.redX, test.redY))
		}
	}
}

func TestPhotoIsRefused(t *testing.T) {
	t.Parallel()
	good := asJPEG(t, picture(400, 300))
	wide := asPNG(t, image.NewPaletted(image.Rect(0, 0, 12_001, 300), color.Palette{color.Black}))
	many := asPNG(t, image.NewPaletted(image.Rect(0, 0, 6000, 5000), color.Palette{color.Black}))
	for name, test := range map[string]struct {
		content []byte
		want    error
	}{
		"empty":               {nil, uploads.ErrPhotoEmpty},
		"too many bytes":      {make([]byte, uploads.MaxPhotoBytes+1), uploads.ErrPhotoLarge},
		"too wide":            {wide, uploads.ErrPhotoLarge},
		"too many pixels":     {many, uploads.ErrPhotoLarge},
		"too small":           {asPNG(t, picture(239, 900)), uploads.ErrPhotoSmall},
		"a page":              {[]byte("<!doctype html><title>photo.jpg</title>"), uploads.ErrPhotoRefused},
		"a PDF":               {[]byte("%PDF-1.4\n%%EOF"), uploads.ErrPhotoRefused},
		"a GIF":               {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), uploads.ErrPhotoRefused},
		"half a JPEG":         {good[:len(good)/2], uploads.ErrPhotoRefused},
		"a script behind it":  {append(append([]byte{}, good...), "<script>"...), uploads.ErrPhotoRefused},
		"a broken middle":     {append(append([]byte{}, good[:700]...), 0xff, 0xd9), uploads.ErrPhotoRefused},
		"a head without body": {append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 0), uploads.ErrPhotoRefused},
	} {
		if _, err := uploads.NewPhotos(1).Read(t.Context(), test.content); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
}

// FuzzPhoto: whatever is sent is refused or becomes a small JPEG.
func FuzzPhoto(f *testing.F) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(300, 260), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(withEXIF(b.Bytes(), 6))
	f.Fuzz(func(t *testing.T, content []byte) {
		p, err := uploads.NewPhotos(1).Read(t.Context(), content)
		if err == nil && (p.Width > uploads.MaxPhotoSide || p.Height > uploads.MaxPhotoSide || bytes.Contains(p.Content, []byte("Exif"))) {
			t.Errorf("got %d × %d", p.Width, p.Height)
		}
	})
}
