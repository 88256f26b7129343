package other

import (
	"testing"

	"example.com/sample/generated/flags"
)

func TestHidden(t *testing.T) {
	ctx := flags.Override(t.Context(), flags.FastPathOverride(true), flags.OtherOverride(true), flags.NewLayoutRight.Override())
	hidden(ctx)
}
