package uploads

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
)

// The bounds of photos.
const (
	// MaxPhotoBytes bounds a photo that is sent, in bytes.
	MaxPhotoBytes = 5 << 20
	// MaxPhotoPixels bounds its width times its height.
	MaxPhotoPixels = 25_000_000
	// maxSentSide bounds its width and its height, in pixels.
	maxSentSide = 12_000
	// minSentSide is what nothing can be read on below, in pixels.
	minSentSide = 240
	// MaxPhotoSide is the width and height of what is kept, in pixels.
	MaxPhotoSide = 1600
	// photoQuality is the quality of the JPEG that is kept.
	photoQuality = 80
)

// What is wrong with a photo; the error that is returned wraps one of these.
var (
	ErrPhotoEmpty   = errors.New("the photo is empty")
	ErrPhotoLarge   = fmt.Errorf("the photo has more than %d MiB or %d megapixels", MaxPhotoBytes>>20, MaxPhotoPixels/1_000_000)
	ErrPhotoSmall   = fmt.Errorf("the photo is smaller than %d pixels and cannot be read", minSentSide)
	ErrPhotoRefused = errors.New("the file is no whole JPEG or PNG")
)

// Photo is a photo as it is kept: a JPEG without metadata.
type Photo struct {
	Content       []byte
	Width, Height int
	// SHA256 is that of Content, in hex.
	SHA256 string
}

// Photos reads photos, a few at a time, since each takes memory. It is safe for
// concurrent use.
type Photos struct{ slots chan struct{} }

// NewPhotos makes one that reads at most so many photos at a time.
func NewPhotos(atOnce int) *Photos { return &Photos{slots: make(chan struct{}, max(1, atOnce))} }

// Read reads a photo that somebody sent and makes a new picture of it, upright
// and without metadata. Errors: those above; the context's.
func (p *Photos) Read(ctx context.Context, content []byte) (Photo, error) {
	if err := judge(content); err != nil {
		return Photo{}, err
	}
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return Photo{}, ctx.Err()
	}
	defer func() { <-p.slots }()
	sent, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return Photo{}, fmt.Errorf("%w: it cannot be decoded", ErrPhotoRefused)
	}
	kept := turn(shrink(sent), orientation(content))
	var out bytes.Buffer
	if err := jpeg.Encode(&out, kept, &jpeg.Options{Quality: photoQuality}); err != nil {
		return Photo{}, fmt.Errorf("write the photo anew: %w", err)
	}
	sum := sha256.Sum256(out.Bytes())
	return Photo{Content: out.Bytes(), Width: kept.Bounds().Dx(), Height: kept.Bounds().Dy(), SHA256: hex.EncodeToString(sum[:])}, nil
}

// judge refuses what would not be a photo, before any of it is decoded.
func judge(content []byte) error {
	if len(content) == 0 {
		return ErrPhotoEmpty
	}
	if len(content) > MaxPhotoBytes {
		return ErrPhotoLarge
	}
	if _, why := Recognise(content, JPEG, PNG); why != "" {
		return fmt.Errorf("%w: %s", ErrPhotoRefused, why)
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(content))
	switch {
	case err != nil:
		return fmt.Errorf("%w: it cannot be decoded", ErrPhotoRefused)
	case head.Width > maxSentSide || head.Height > maxSentSide || head.Width*head.Height > MaxPhotoPixels:
		return ErrPhotoLarge
	case head.Width < minSentSide || head.Height < minSentSide:
		return ErrPhotoSmall
	}
	return nil
}

// shrink copies a picture onto white, smaller where it is larger than what is
// kept. Each new pixel is the mean of those it stands for. Only a strip of the
// picture is copied at a time.
func shrink(from image.Image) *image.RGBA {
	b := from.Bounds()
	longest := max(b.Dx(), b.Dy())
	w, h := b.Dx(), b.Dy()
	if longest > MaxPhotoSide {
		w, h = max(1, w*MaxPhotoSide/longest), max(1, h*MaxPhotoSide/longest)
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		top, bottom := y*b.Dy()/h, (y+1)*b.Dy()/h
		strip := image.NewRGBA(image.Rect(0, 0, b.Dx(), bottom-top))
		draw.Draw(strip, strip.Bounds(), image.White, image.Point{}, draw.Src)
		draw.Draw(strip, strip.Bounds(), from, image.Pt(b.Min.X, b.Min.Y+top), draw.Over)
		for x := range w {
			to.SetRGBA(x, y, mean(strip, x*b.Dx()/w, (x+1)*b.Dx()/w))
		}
	}
	return to
}

// mean is the mean colour of the columns from left to before right.
func mean(strip *image.RGBA, left, right int) color.RGBA {
	var r, g, b, n int
	for y := range strip.Bounds().Dy() {
		for at := strip.PixOffset(left, y); at < strip.PixOffset(right, y); at += 4 {
			r, g, b, n = r+int(strip.Pix[at]), g+int(strip.Pix[at+1]), b+int(strip.Pix[at+2]), n+1
		}
	}
	if n == 0 {
		return color.RGBA{A: 0xff}
	}
	return color.RGBA{R: uint8(r / n), G: uint8(g / n), B: uint8(b / n), A: 0xff} //nolint:gosec // A mean of bytes is one.
}

// turn brings a picture upright that a camera wrote lying, by the number that
// EXIF gives it: 1 is upright, 3 upside down, 6 and 8 lie on a side, the even
// ones between are mirrored as well.
func turn(from *image.RGBA, how int) *image.RGBA {
	if how <= 1 || how > 8 {
		return from
	}
	w, h := from.Bounds().Dx(), from.Bounds().Dy()
	size := image.Rect(0, 0, w, h)
	if how >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	to := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			ax, ay := x, y
			switch how {
			case 2:
				ax = w - 1 - x
			case 3:
				ax, ay = w-1-x, h-1-y
			case 4:
				ay = h - 1 - y
			case 5:
				ax, ay = y, x
			case 6:
				ax, ay = h-1-y, x
			case 7:
				ax, ay = h-1-y, w-1-x
			default:
				ax, ay = y, w-1-x
			}
			to.SetRGBA(ax, ay, from.RGBAAt(x, y))
		}
	}
	return to
}
