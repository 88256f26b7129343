//go:build special

package other

import (
	"context"

	"example.com/sample/generated/flags"
)

func special(ctx context.Context) bool { return flags.FastPath(ctx) }
