package dev

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/phgen/phgen/internal/sink"
)

// An arrival is an event on its way into the archive.
type arrival struct {
	judgement
	raw      []byte
	at       time.Time
	request  uint64
	uuid     [16]byte
	name     string
	person   string
	path     string
	sdk      string
	trace    string
	title    string
	failed   bool
	planning uint64 // of the plan that judged it
}

// arrive copies what is kept of an event.
func arrive(x sink.Exchange, e sink.Event) arrival {
	a := arrival{
		raw: append([]byte(nil), e.Raw...), at: x.At,
		name: cut(e.Name, maxName), person: cut(e.DistinctID, maxName), path: cut(e.Path, maxText), sdk: cut(sdkOf(e), maxText),
	}
	_, _ = hex.Decode(a.uuid[:], []byte(strings.ReplaceAll(e.UUID, "-", ""))) // the sink made it canonical
	if strings.HasPrefix(e.Name, "$ai_") {
		a.trace, a.title, a.failed = traceOf(e)
	}
	return a
}

// sdkOf is the name and version of who sent an event.
func sdkOf(e sink.Event) string {
	if e.SDK != "" {
		return e.SDK
	}
	name, _ := e.Properties["$lib"].(string)
	version, _ := e.Properties["$lib_version"].(string)
	if name == "" || version == "" {
		return name
	}
	return name + "/" + version
}
