package workflows

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

// CodecKeySize is the length of a codec's key in bytes: AES-256.
const CodecKeySize = 32

const (
	metadataEncoding = "encoding"
	encodingSealed   = "binary/encrypted"
)

// NewConverter makes the data converter that every client and worker of the
// gateway uses: JSON, sealed with AES-256-GCM, so that whoever reads Temporal's
// database reads no payload.
func NewConverter(key []byte) (converter.DataConverter, error) {
	codec, err := NewCodec(key)
	if err != nil {
		return nil, err
	}
	return converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec), nil
}

// NewCodec makes the payload codec for a key of CodecKeySize bytes.
func NewCodec(key []byte) (converter.PayloadCodec, error) {
	if len(key) != CodecKeySize {
		return nil, fmt.Errorf("payload key has %d bytes, want %d", len(key), CodecKeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make payload cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("make payload cipher: %w", err)
	}
	return &codec{aead: aead}, nil
}

type codec struct{ aead cipher.AEAD }

// Encode seals payloads.
func (c *codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	sealed := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		plain, err := proto.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("encode payload: %w", err)
		}
		nonce := make([]byte, c.aead.NonceSize(), c.aead.NonceSize()+len(plain)+c.aead.Overhead())
		if _, err := rand.Read(nonce); err != nil {
			return nil, fmt.Errorf("make nonce: %w", err)
		}
		sealed[i] = &commonpb.Payload{
			Metadata: map[string][]byte{metadataEncoding: []byte(encodingSealed)},
			Data:     c.aead.Seal(nonce, nonce, plain, nil),
		}
	}
	return sealed, nil
}

// Decode opens sealed payloads and refuses any that is not sealed.
func (c *codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	opened := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		if string(p.GetMetadata()[metadataEncoding]) != encodingSealed {
			return nil, errors.New("payload is not sealed")
		}
		if len(p.GetData()) < c.aead.NonceSize() {
			return nil, errors.New("sealed payload is too short")
		}
		nonce, body := p.GetData()[:c.aead.NonceSize()], p.GetData()[c.aead.NonceSize():]
		plain, err := c.aead.Open(nil, nonce, body, nil)
		if err != nil {
			return nil, fmt.Errorf("open payload: %w", err)
		}
		opened[i] = new(commonpb.Payload)
		if err := proto.Unmarshal(plain, opened[i]); err != nil {
			return nil, fmt.Errorf("decode payload: %w", err)
		}
	}
	return opened, nil
}
