//go:build unix

package schema_test

import (
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/phgen/phgen/schema"
)

// A pipe that nobody writes to is refused, not waited for.
func TestLoadPipe(t *testing.T) {
	write(t, map[string]string{"p.yaml": root + "include: [\"more/*\"]\n", "more/a.yaml": "phgen: 1\n"})
	for _, name := range []string{"pipe.yaml", "more/pipe.yaml", "go.mod"} {
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			t.Skip(err)
		}
	}
	_, found, err := schema.Load("p.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`p.yaml:3:11: PH113: "more/*" matches "more/pipe.yaml", which is no regular file; name plan files only`}
	if diff := cmp.Diff(want, lines(found)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	plan, found, err := schema.Load("pipe.yaml")
	if plan != nil || found != nil || err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("Load of a pipe: %v, %v, error %v", plan, found, err)
	}
}
