package phfiber

import (
	"testing"

	"go.uber.org/goleak"
)

// No test may leave a goroutine behind, but for the one by which fiber knows the date.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}
