package phgrpc

import (
	"context"

	"google.golang.org/grpc/metadata"

	"github.com/phgen/phgen/runtime/internal/stranger"
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

// told returns the first value of key, in the metadata of the call of ctx, of which
// something is left, cleaned.
func told(ctx context.Context, key string) string {
	for _, key := range [...]string{key, key + binary} {
		for _, v := range metadata.ValueFromIncomingContext(ctx, key) {
			if v = stranger.Clean(v); v != "" {
				return v
			}
		}
	}
	return ""
}
