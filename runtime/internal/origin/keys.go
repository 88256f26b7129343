package origin

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/phgen/phgen/runtime/value"
)

const (
	MaxText  = 200     // bytes of what an endpoint says
	MaxError = 1 << 10 // bytes of an error that keeps its type
)

// Keys are what no text may tell. They are safe for concurrent use.
type Keys struct{ hide *strings.Replacer }

// NewKeys returns the keys that are not empty. Where one stands in a text, in any spelling
// that it may have there, instead takes its place.
func NewKeys(instead string, keys ...string) *Keys {
	keys = slices.Clone(keys)
	// A key may begin like another: the longer one is looked for first.
	slices.SortFunc(keys, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, key := range keys {
		if key == "" {
			continue
		}
		json, quoted := string(value.AppendString(nil, key)), strconv.Quote(key)
		for _, spelling := range []string{json[1 : len(json)-1], quoted[1 : len(quoted)-1], url.QueryEscape(key), url.PathEscape(key), key} {
			pairs = append(pairs, spelling, instead)
		}
	}
	return &Keys{strings.NewReplacer(pairs...)}
}

// Clean returns what somebody else says as one line without the keys, of MaxText bytes at
// most.
func (k *Keys) Clean(text string) string {
	return Cut(strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, k.hide.Replace(text))))
}

// Conceal returns err without the keys, and short. A RoundTripper of the caller's may say
// anything, and net/http quotes a hostile answer; an error that behaves keeps its type.
func (k *Keys) Conceal(err error) error {
	text := err.Error()
	if len(text) > MaxError || k.hide.Replace(text) != text {
		return errors.New(k.Clean(text))
	}
	return err
}

// Cut returns text, or its beginning and an ellipsis: MaxText bytes at most.
func Cut(text string) string {
	if len(text) <= MaxText {
		return text
	}
	end := MaxText - len("…")
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
