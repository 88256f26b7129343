package phgrpc

import (
	"context"
	"strings"
	"unicode"

	"google.golang.org/grpc/metadata"
)

// The metadata that names whose events those of a call are.
const (
	metadataUser    = "x-posthog-distinct-id"
	metadataSession = "x-posthog-session-id"
	metadataWindow  = "x-posthog-window-id"

	// binary follows a key whose values are no printable ASCII, which gRPC refuses to send
	// otherwise.
	binary = "-bin"
)

// maxText is how many characters are taken of a text that a client chose.
const maxText = 1000

// told returns the first value of key, in the metadata of the call of ctx, of which
// something is left, cleaned.
func told(ctx context.Context, key string) string {
	for _, key := range [...]string{key, key + binary} {
		for _, v := range metadata.ValueFromIncomingContext(ctx, key) {
			if v = clean(v); v != "" {
				return v
			}
		}
	}
	return ""
}

// clean returns s without control characters and without space around it, cut to maxText
// characters. What is no UTF-8 becomes U+FFFD.
func clean(s string) string {
	if len(s) <= maxText && isPrintable(s) && strings.Trim(s, " ") == s {
		return s
	}
	var b strings.Builder
	n := 0
	for _, r := range s {
		if unicode.IsControl(r) || b.Len() == 0 && unicode.IsSpace(r) {
			continue
		}
		b.WriteRune(r)
		if n++; n == maxText {
			break
		}
	}
	return strings.TrimRightFunc(b.String(), unicode.IsSpace)
}

// isPrintable reports whether gRPC sends s as it is.
func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
